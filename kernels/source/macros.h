// The only file that knows the target. A kernel body is written once, for one site; here it becomes
//   CUDA: one thread per site, blocks of rows along z (kernels/blocks.py);
//   CPU:  a range of rows at a time (sweep.cpp says which, on which thread), one contiguous vectorised loop over them.
// The host defines these names before this text (registry.py). REAL is double or float. N_GAUGE is the number of U(1)
// fields. MASSIVE is how many of the free ones, at their end, are massive. CONDUCTING, BACK_REACTING and SELF_COUPLED
// (0 or 1) are of the last field. FIELD_UNIT is the unit over f in which gauge fields are stored. REACH is how many
// sites away a kernel reads along an axis. GHOSTS behind a row, THREADS of a block and its COLUMNS are sizes. Every kernel with sums
// has a namespace KERNEL_sums with the place of each sum by name.
//
// Arrays are [..][n][n][n], z fastest, periodic. Components of a link field lie `stride` elements apart (layout.py). On a
// rank with a slab of the lattice arrays are [..][planes][n][n] with planes of both neighbours; the wrap along x then
// only makes addresses whose numbers nobody uses.

typedef REAL real;

typedef long long index_t;

#ifdef __CUDACC__
#define INLINE __device__ __forceinline__
#define UNROLL _Pragma("unroll")
#else
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")  // a loop over fields that stays one keeps the loop over sites from being vectorised
#endif

// A gauge field in units of f. Linear equations hold in any unit; squares and E.B are of in_f(...).
template <class Real> INLINE Real in_f(Real field) { return Real(FIELD_UNIT) * field; }

// The place of a sum of a field, counted from the first that has it; inside FOR_SITES_SUM.
#define OF_FIELD(field, name) (sums_::of_lattice + sums_::of_field * (field) + sums_::name)

#define NEAR (2 * REACH + 1)
INLINE int wrapped(int x, int n) { return x < 0 ? x + n : x >= n ? x - n : x; }

#ifdef __CUDACC__  // ---------------------------------------------------------------------- CUDA

// A body. Its entry point, which takes the real numbers from memory, stands behind the source (registry.entry_point).
#define KERNEL(name, ...) INLINE void name##_body(__VA_ARGS__)

struct Site {
    unsigned row[NEAR][NEAR];  // starts of the rows (i + p, j + q): n is at most 1625, which no card has room for
    unsigned column[NEAR];     // k + r
    index_t stride;
    __device__ __forceinline__ index_t at(int p, int q, int r) const { return row[p + REACH][q + REACH] + column[r + REACH]; }
};

// planes: in memory.
INLINE Site site_of_planes(int planes, int i, int j, int k, int n, index_t stride) {
    Site s;
    UNROLL for (int p = 0; p < NEAR; ++p)
        UNROLL for (int q = 0; q < NEAR; ++q)
            s.row[p][q] = ((unsigned)wrapped(i + p - REACH, planes) * n + wrapped(j + q - REACH, n)) * n;
    UNROLL for (int r = 0; r < NEAR; ++r) s.column[r] = wrapped(k + r - REACH, n);
    s.stride = stride;
    return s;
}

INLINE Site periodic_site(int i, int j, int k, int n, index_t stride) { return site_of_planes(n, i, j, k, n, stride); }

// Launched on a grid of (tiles of a plane, planes in memory).
#define FOR_SITES(n, stride, s)                                                              \
    const int across_ = ((n) + COLUMNS - 1) / COLUMNS;                                       \
    const int k_ = blockIdx.x % across_ * COLUMNS + threadIdx.x % COLUMNS;                   \
    const int j_ = blockIdx.x / across_ * (THREADS / COLUMNS) + threadIdx.x / COLUMNS;       \
    const Site s = site_of_planes(gridDim.y, blockIdx.y, j_, k_, (n), (stride));             \
    if (k_ < (n) && j_ < (n))
#define END_SITES

// Sums over the lattice in a fixed order: a tree over a block's threads here, blocks in order in fold.cu.
// partial[quantity][plane][block of the plane]
#define FOR_SITES_SUM(n, stride, s, kernel, sum, partial)         \
    namespace sums_ = kernel##_sums;                              \
    double sum[sums_::number];                                    \
    for (int q_ = 0; q_ < sums_::number; ++q_) sum[q_] = 0.0;     \
    {                                                             \
        FOR_SITES(n, stride, s)
#define ADD(sum, name, x) sum[sums_::name] = (x)
#define ADD_OF_FIELD(sum, field, name, x) sum[OF_FIELD(field, name)] = (x)
INLINE constexpr int half_of_tree(int threads) {  // the power of two below
    int half = 1;
    while (2 * half < threads) half *= 2;
    return half;
}
#define STORE_TREE(threads, Q, sum, out, at_q)                                     \
    __shared__ double tree_[threads];                                              \
    for (int q_ = 0; q_ < (Q); ++q_) {                                             \
        tree_[threadIdx.x] = sum[q_];                                              \
        __syncthreads();                                                           \
        for (int h_ = half_of_tree(threads); h_ > 0; h_ /= 2) {                    \
            if (threadIdx.x < h_ && threadIdx.x + h_ < (threads)) tree_[threadIdx.x] += tree_[threadIdx.x + h_]; \
            __syncthreads();                                                       \
        }                                                                          \
        if (threadIdx.x == 0) out[at_q] = tree_[0];                                \
        __syncthreads();                                                           \
    }
#define END_SITES_SUM(n, sum, partial) \
    }                                  \
    STORE_TREE(THREADS, sums_::number, sum, partial, ((index_t)q_ * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x)

// Items, each with a list of elements to sum: one block per item. Thread t takes the elements t, t + THREADS, ..., then
// a tree.
#define FOR_ITEMS(items, b, kernel, sum) \
    {                                    \
        namespace sums_ = kernel##_sums; \
        double sum[sums_::number] = {};  \
        const int b = blockIdx.x;
#define FOR_ELEMENTS(first, last, e) for (index_t e = (first) + threadIdx.x; e < (last); e += THREADS)
#define END_ITEMS(sum, b, out)                                                       \
        STORE_TREE(THREADS, sums_::number, sum, out, (index_t)b * sums_::number + q_)         \
    }

#else  // ------------------------------------------------------------------------------- CPU

#include <math.h>
#include <algorithm>
#include <utility>
#include <vector>

#define BODY __attribute__((always_inline))

// Float32 spends a hundred times as long on numbers below 1e-38, to which squares of a vacuum come: they count as 0.
#ifdef __SSE__
#include <xmmintrin.h>
INLINE unsigned flush_denormals() {
    const unsigned before = _mm_getcsr();
    if (sizeof(real) == 4) _mm_setcsr(before | 0x8040);
    return before;
}
INLINE void restore_denormals(unsigned before) { _mm_setcsr(before); }
#else
INLINE unsigned flush_denormals() { return 0; }
INLINE void restore_denormals(unsigned) {}
#endif

// The work of one call of a kernel: rows [first, last) of one of the planes in memory, or items [first, last).
struct Rows { int plane, first, last, planes; };
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

// A row in memory: n sites, and behind them GHOSTS elements. The first REACH of these repeat the row's first sites, the
// last REACH the next row's last sites. So neighbours along z are plain offsets, and rows one after the other are one
// loop, which vectorises. Values that it writes between two rows have no meaning until the ghosts are renewed
// (sweep.cpp).

struct Site {
    const index_t *plane, *row;
    index_t k;
    index_t stride;
    __attribute__((always_inline)) index_t at(int p, int q, int r) const { return plane[p + REACH] + row[q + REACH] + k + r; }
};

// Rows [first, last) of plane i, whose neighbours are rows one after the other too.
template <class Body> INLINE void for_rows(int i, int first, int last, int n, index_t stride, Body body) {
    const index_t pitch = n + GHOSTS;
    index_t plane[NEAR], row[NEAR];
    UNROLL for (int x = 0; x < NEAR; ++x) {
        plane[x] = wrapped(i + x - REACH, rows_.planes) * n * pitch;
        row[x] = wrapped(first + x - REACH, n) * pitch;
    }
    const index_t end = (last - first) * pitch - GHOSTS;
#pragma GCC ivdep
    for (index_t k = 0; k < end; ++k) body(Site{plane, row, k, stride}, k);
}

// Where the next rows end that are done at once: `most` at most, and one alone near the plane's edges, where neighbours
// are not one after the other.
INLINE int rows_at_once(int first, int last, int n, int most) {
    return first < REACH || first >= n - REACH ? first + 1 : std::min({first + most, last, n - REACH});
}

#define FOR_SITES(n, stride, s) FOR_ROWS(n, stride, s, (n))
#define FOR_ROWS(n, stride, s, most)                                                    \
    for (int j_ = rows_.first, next_; j_ < rows_.last; j_ = next_) {                    \
        next_ = rows_at_once(j_, rows_.last, (n), (most));                              \
        for_rows(rows_.plane, j_, next_, (n), (stride), [&](const Site& s, const index_t k_) BODY
#define END_SITES ); }

// Sums over the lattice in a fixed order: a row here, rows in order in fold.cu. partial[quantity][plane][row]
#define TERMS 1024  // of a quantity, so that they stay in the first cache
static double* room_for_terms(size_t length) {
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
#define FOR_SITES_SUM(n, stride, s, kernel, sum, partial)                               \
    namespace sums_ = kernel##_sums;                                                    \
    const int n_ = (n), most_ = std::max(1, TERMS / (n_ + GHOSTS));                     \
    const index_t length_ = most_ * (n_ + GHOSTS);                                      \
    double* __restrict__ sum = room_for_terms(sums_::number * length_);                  \
    FOR_ROWS(n, stride, s, most_)
#define ADD(sum, name, x) sum[sums_::name * length_ + k_] = (x)
#define ADD_OF_FIELD(sum, field, name, x) sum[OF_FIELD(field, name) * length_ + k_] = (x)
#define END_SITES_SUM(n, sum, partial)                                                  \
        );                                                                              \
        for (int q_ = 0; q_ < sums_::number; ++q_)                                      \
            for (int r_ = j_; r_ < next_; ++r_)                                         \
                partial[((index_t)q_ * rows_.planes + rows_.plane) * n_ + r_] =                 \
                    row_sum(sum + q_ * length_ + (r_ - j_) * (n_ + GHOSTS), n_);        \
    }

#define FOR_ITEMS(items, b, kernel, sum)                             \
    for (int b = rows_.first, last_ = rows_.last; b < last_; ++b) {  \
        namespace sums_ = kernel##_sums;                             \
        double sum[sums_::number] = {};
#define FOR_ELEMENTS(first, last, e) for (index_t e = (first); e < (last); ++e)
#define END_ITEMS(sum, b, out)                                                                             \
        for (int q_ = 0; q_ < sums_::number; ++q_) out[(index_t)b * sums_::number + q_] = sum[q_];         \
    }

#endif
