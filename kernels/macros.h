// The only file that knows the target. A kernel body is written once, for one site; here it becomes
//   CUDA: one thread per site, the threads of a block contiguous along z;
//   CPU:  a range of rows at a time (sweep.cpp says which, on which thread), in a row a contiguous vectorised loop over z.
// The host defines REAL (double), N_GAUGE (number of U(1) fields), MASSIVE (how many of the free ones, at their end, are massive),
// COSINE (0 or 1) and, of the last field, CONDUCTING, BACK_REACTING and SELF_COUPLED (0 or 1 each) before this text.
//
// Arrays are [..][n][n][n], z fastest, periodic. Components of a link field lie `stride` elements apart: a little more
// than n^3, because arrays a multiple of 4096 bytes apart fight for the same cache sets (layout.py).

typedef REAL real;
typedef long long index_t;

#ifdef __CUDACC__
#define INLINE __device__ __forceinline__
#define UNROLL _Pragma("unroll")
#else
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")  // a loop over fields that stays one keeps the loop over sites from being vectorised
#endif

INLINE int wrapped(int x, int n) { return x < 0 ? x + n : x >= n ? x - n : x; }

#ifdef __CUDACC__  // ---------------------------------------------------------------------- CUDA

#define THREADS 128
#define KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(THREADS) name(__VA_ARGS__)

struct Site {
    index_t row[3][3];  // starts of the rows (i + p - 1, j + q - 1)
    int column[3];      // k - 1, k, k + 1
    index_t stride;
    __device__ __forceinline__ index_t at(int p, int q, int r) const { return row[p + 1][q + 1] + column[r + 1]; }
};

INLINE Site periodic_site(int i, int j, int k, int n, index_t stride) {
    Site s;
    for (int p = 0; p < 3; ++p)
        for (int q = 0; q < 3; ++q)
            s.row[p][q] = ((index_t)wrapped(i + p - 1, n) * n + wrapped(j + q - 1, n)) * n;
    for (int r = 0; r < 3; ++r) s.column[r] = wrapped(k + r - 1, n);
    s.stride = stride;
    return s;
}

// Launched on a grid of (n * ceil(n / THREADS), n) blocks: gpu.py.
#define FOR_SITES(n, stride, s)                                                     \
    const int tiles_ = ((n) + THREADS - 1) / THREADS;                               \
    const int k_ = (blockIdx.x % tiles_) * THREADS + threadIdx.x;                   \
    const Site s = periodic_site(blockIdx.y, blockIdx.x / tiles_, k_, (n), (stride)); \
    if (k_ < (n))
#define END_SITES

// Sums over the lattice in a fixed order: a tree over a block's threads here, blocks in order in fold.cu.
// partial[quantity][plane][block of the plane]
#define FOR_SITES_SUM(n, stride, s, Q, sum, partial) \
    double sum[Q];                                   \
    for (int q_ = 0; q_ < (Q); ++q_) sum[q_] = 0.0;  \
    {                                                \
        FOR_SITES(n, stride, s)
#define ADD(sum, q, x) sum[q] = (x)
#define STORE_TREE(Q, sum, out, at_q)                                              \
    __shared__ double tree_[THREADS];                                              \
    for (int q_ = 0; q_ < (Q); ++q_) {                                             \
        tree_[threadIdx.x] = sum[q_];                                              \
        __syncthreads();                                                           \
        for (int h_ = THREADS / 2; h_ > 0; h_ /= 2) {                              \
            if (threadIdx.x < h_) tree_[threadIdx.x] += tree_[threadIdx.x + h_];   \
            __syncthreads();                                                       \
        }                                                                          \
        if (threadIdx.x == 0) out[at_q] = tree_[0];                                \
        __syncthreads();                                                           \
    }
#define END_SITES_SUM(n, Q, sum, partial) \
    }                                     \
    STORE_TREE(Q, sum, partial, ((index_t)q_ * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x)

// Items, each with a list of elements to sum: one block per item, its threads take every 128th element, then a tree.
#define FOR_ITEMS(items, b) { const int b = blockIdx.x;
#define FOR_ELEMENTS(first, last, e) for (index_t e = (first) + threadIdx.x; e < (last); e += THREADS)
#define END_ITEMS(Q, sum, b, out) STORE_TREE(Q, sum, out, (index_t)b * (Q) + q_) }

#else  // ------------------------------------------------------------------------------- CPU

#include <math.h>
#include <utility>
#include <vector>

#define BODY __attribute__((always_inline))

// Rows [first, last) of one plane, or items [first, last): what one call of a kernel works on.
struct Rows { int plane, first, last; };
static thread_local Rows rows_;

// A kernel `name` is called as name_rows(rows, addresses of its arguments), so that all kernels have one signature.
template <class... T, size_t... I>
INLINE void unpack(void (*kernel)(T...), void** arguments, std::index_sequence<I...>) {
    kernel(*(T*)arguments[I]...);
}
#define KERNEL(name, ...)                                                                                   \
    static void name(__VA_ARGS__);                                                                          \
    extern "C" __attribute__((visibility("default"))) void name##_rows(Rows rows, void** arguments) {       \
        rows_ = rows;                                                                                       \
        unpack(name, arguments, std::make_index_sequence<argument_count(name)>());                          \
    }                                                                                                       \
    static void name(__VA_ARGS__)
template <class... T> constexpr size_t argument_count(void (*)(T...)) { return sizeof...(T); }

// A site inside a row: neighbours along z are plain offsets, so that a loop over k vectorises.
struct InnerSite {
    const index_t (*row)[3];
    int k;
    index_t stride;
    __attribute__((always_inline)) index_t at(int p, int q, int r) const { return row[p + 1][q + 1] + k + r; }
};
// The first or the last site of a row: its neighbours along z wrap around.
struct EndSite {
    const index_t (*row)[3];
    int k, n;
    index_t stride;
    __attribute__((always_inline)) index_t at(int p, int q, int r) const { return row[p + 1][q + 1] + wrapped(k + r, n); }
};

template <class Body> INLINE void for_row(int i, int j, int n, index_t stride, Body body) {
    index_t row[3][3];
    for (int p = 0; p < 3; ++p)
        for (int q = 0; q < 3; ++q)
            row[p][q] = ((index_t)wrapped(i + p - 1, n) * n + wrapped(j + q - 1, n)) * n;
#pragma GCC ivdep
    for (int k = 1; k < n - 1; ++k) body(InnerSite{row, k, stride}, k);
#pragma GCC unroll 1  // two copies of the body are half as much again to compile
    for (int k = 0; k < n; k += n - 1) body(EndSite{row, k, n, stride}, k);
}

#define FOR_SITES(n, stride, s)                                   \
    for (int j_ = rows_.first, last_ = rows_.last; j_ < last_; ++j_) { \
        for_row(rows_.plane, j_, (n), (stride), [&](const auto& s, const int k_) BODY
#define END_SITES ); }

// Sums over the lattice in a fixed order: a row here, rows in order in fold.cu. partial[quantity][plane][row]
static double* row_of_terms(size_t length) {
    static thread_local std::vector<double> terms;
    if (terms.size() < length) terms.resize(length);
    return terms.data();
}
INLINE double row_sum(const double* terms, int n) {
    double lane[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    int k = 0;
    for (; k + 8 <= n; k += 8)
        for (int l = 0; l < 8; ++l) lane[l] += terms[k + l];
    for (; k < n; ++k) lane[k % 8] += terms[k];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}
#define FOR_SITES_SUM(n, stride, s, Q, sum, partial)              \
    const int n_ = (n);                                           \
    double* __restrict__ sum = row_of_terms((size_t)(Q) * n_);    \
    FOR_SITES(n, stride, s)
#define ADD(sum, q, x) sum[(q) * n_ + k_] = (x)
#define END_SITES_SUM(n, Q, sum, partial)                         \
        );                                                        \
        for (int q_ = 0; q_ < (Q); ++q_)                          \
            partial[((index_t)q_ * n_ + rows_.plane) * n_ + j_] = row_sum(sum + q_ * n_, n_); \
    }

#define FOR_ITEMS(items, b) for (int b = rows_.first, last_ = rows_.last; b < last_; ++b) {
#define FOR_ELEMENTS(first, last, e) for (index_t e = (first); e < (last); ++e)
#define END_ITEMS(Q, sum, b, out)                    \
        for (int q_ = 0; q_ < (Q); ++q_) out[(index_t)b * (Q) + q_] = sum[q_]; \
    }

#endif
