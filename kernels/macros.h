// The only file that knows the target. A kernel body is written once, for one site; here it becomes
//   CUDA: one thread per site, the threads of a block contiguous along z;
//   CPU:  OpenMP threads over tiles of rows, and in a row a contiguous vectorised loop over z.
// The host defines REAL (double), N_GAUGE (number of U(1) fields) and COSINE (0 or 1) before this text.
//
// Arrays are [..][n][n][n], z fastest, periodic. Components of a link field lie `stride` elements apart: a little more
// than n^3, because arrays a multiple of 4096 bytes apart fight for the same cache sets (layout.py).

typedef REAL real;
typedef long long index_t;

#ifdef __CUDACC__
#define INLINE __device__ __forceinline__
#else
#define INLINE static inline __attribute__((always_inline))
#endif

INLINE int wrapped(int x, int n) { return x < 0 ? x + n : x >= n ? x - n : x; }

#ifdef __CUDACC__  // ---------------------------------------------------------------------- CUDA

#define THREADS 128
#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)

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
#include <stdlib.h>

#define KERNEL extern "C" __attribute__((visibility("default"))) void
#define BODY __attribute__((always_inline))
#define TILE 16

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
    body(EndSite{row, 0, n, stride}, 0);
#pragma GCC ivdep
    for (int k = 1; k < n - 1; ++k) body(InnerSite{row, k, stride}, k);
    body(EndSite{row, n - 1, n, stride}, n - 1);
}

// Tiles of rows, so that the three planes that a stencil reads stay in a core's second-level cache.
#define FOR_TILES(n)                                              \
    _Pragma("omp parallel for collapse(2) schedule(static)")      \
    for (int t_ = 0; t_ < ((n) + TILE - 1) / TILE; ++t_)          \
        for (int i_ = 0; i_ < (n); ++i_) {
#define FOR_ROWS(n, stride, s)                                    \
            for (int j_ = t_ * TILE; j_ < (n) && j_ < (t_ + 1) * TILE; ++j_) \
                for_row(i_, j_, (n), (stride), [&](const auto& s, const int k_) BODY
#define FOR_SITES(n, stride, s) FOR_TILES(n) FOR_ROWS(n, stride, s)
#define END_SITES ); }

// Sums over the lattice in a fixed order: a tile of a plane adds its rows element by element, then the elements of the
// row in order; tiles do not depend on the number of threads. partial[quantity][plane][tile of the plane]
#define FOR_SITES_SUM(n, stride, s, Q, sum, partial)              \
    const int n_ = (n);                                           \
    FOR_TILES(n)                                                  \
            double* __restrict__ sum = (double*)calloc((size_t)(Q) * n_, sizeof(double)); \
            FOR_ROWS(n, stride, s)
#define ADD(sum, q, x) sum[(q) * n_ + k_] += (x)
#define END_SITES_SUM(n, Q, sum, partial)                         \
            );                                                    \
            for (int q_ = 0; q_ < (Q); ++q_) {                    \
                double total_ = 0.0;                              \
                for (int k_ = 0; k_ < n_; ++k_) total_ += sum[q_ * n_ + k_]; \
                partial[((index_t)q_ * n_ + i_) * ((n_ + TILE - 1) / TILE) + t_] = total_; \
            }                                                     \
            free(sum);                                            \
        }

#define FOR_ITEMS(items, b)                          \
    _Pragma("omp parallel for schedule(static)")     \
    for (int b = 0; b < (items); ++b) {
#define FOR_ELEMENTS(first, last, e) for (index_t e = (first); e < (last); ++e)
#define END_ITEMS(Q, sum, b, out)                    \
        for (int q_ = 0; q_ < (Q); ++q_) out[(index_t)b * (Q) + q_] = sum[q_]; \
    }

#endif
