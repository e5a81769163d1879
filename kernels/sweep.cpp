// How a CPU runs kernels over the lattice: which rows, in which order, on which thread. A kernel reads fields that it does not
// write at most one site away, and writes only its own site, so that no result depends on any of this.

#include <algorithm>

#define TILE 16   // rows of a tile
#define LAG 3     // planes between kernels that run together
#define GROUP 4   // kernels that run together

typedef void (*RowKernel)(Rows, void**);

// Kernels one after the other, in tiles of rows, so that the three planes that a stencil reads stay in a core's cache.
static void one_by_one(int kernels, const RowKernel* kernel, void** const* arguments, int n) {
    for (int s = 0; s < kernels; ++s) {
        #pragma omp for collapse(2) schedule(static)
        for (int first = 0; first < n; first += TILE)
            for (int i = 0; i < n; ++i) kernel[s]({i, first, std::min(n, first + TILE)}, arguments[s]);
    }
}

// Kernels in one passage through memory: kernel s three planes behind kernel s - 1, and its first plane one further. The planes
// it reads then have been through s - 1, none of them through s + 1, also where the lattice closes; and planes that are worked
// on at the same time do not touch.
static void together(int kernels, const RowKernel* kernel, void** const* arguments, int n, int rows) {
    for (int beat = 0; beat < n + LAG * (kernels - 1); ++beat) {
        #pragma omp for schedule(static)
        for (int first = 0; first < n; first += rows)
            for (int s = 0; s < kernels; ++s) {
                const int plane = beat - LAG * s;
                if (0 <= plane && plane < n) kernel[s]({(plane + s) % n, first, std::min(n, first + rows)}, arguments[s]);
            }
    }
}

// rows: 0 runs the kernels one by one; otherwise they run together, this many rows of a plane at a time.
extern "C" __attribute__((visibility("default")))
void sweep(int kernels, const RowKernel* kernel, void** const* arguments, int n, int rows) {
    #pragma omp parallel
    for (int s = 0; s < kernels; s += GROUP) {
        const int count = std::min(GROUP, kernels - s);
        if (rows && count > 1) together(count, kernel + s, arguments + s, n, rows);
        else one_by_one(count, kernel + s, arguments + s, n);
    }
}

extern "C" __attribute__((visibility("default")))
void for_items(RowKernel kernel, void** arguments, int items) {
    #pragma omp parallel for schedule(static)
    for (int b = 0; b < items; ++b) kernel({0, b, b + 1}, arguments);
}
