// How a CPU runs kernels over the lattice: which rows, in which order, on which thread. A kernel reads fields that it does not
// write at most one site away, and writes only its own site, so that no result depends on any of this.

#include <omp.h>

#define MOST_TOGETHER 64              // kernels; a step has 30 to 50
#define BYTES_TOGETHER (12 << 20)     // of a thread's share of the last cache

// One kernel of a sweep: what it is called with, the components that it writes and others read along rows, and by how many planes and
// rows it has to stay behind the kernel before it, and to begin ahead of where that one has begun.
struct Launch {
    void (*kernel)(Rows, void**);
    void** arguments;
    real** written;
    int components, behind[2], ahead[2];
};

// The ghosts of rows [first, last) of a plane.
static void renew(real* component, int plane, int first, int last, int n) {
    const index_t pitch = n + GHOSTS;
    for (int j = first; j < last; ++j) {
        real* row = component + ((index_t)plane * n + j) * pitch;
        row[-1] = row[n - 1];
        for (int k = 0; k < GHOSTS - 1; ++k) row[n + k] = row[0];
    }
}

static void run(const Launch& launch, int plane, int first, int last, int n) {
    if (first >= last) return;
    launch.kernel({plane, first, last}, launch.arguments);
    for (int c = 0; c < launch.components; ++c) renew(launch.written[c], plane, first, last, n);
}

// Kernels that run together. Kernel s stays `planes[s]` and `rows[s]` behind the first and starts `first_plane[s]` and `first_row[s]`
// ahead of it, so that it finds done what it reads where the lattice closes, too.
struct Together {
    int kernels, n;
    const Launch* launch;
    int planes[MOST_TOGETHER], rows[MOST_TOGETHER], first_plane[MOST_TOGETHER], first_row[MOST_TOGETHER];
};

// As many kernels from a launch on as leave every thread rows of its own, and `across` the rest.
static Together together(const Launch* launch, int launches, int rows_of_thread, int n) {
    Together t = {1, n, launch, {0}, {0}, {0}, {0}};
    for (int& s = t.kernels; s < std::min(launches, MOST_TOGETHER); ++s) {
        t.planes[s] = t.planes[s - 1] + launch[s].behind[0];
        t.rows[s] = t.rows[s - 1] + launch[s].behind[1];
        t.first_plane[s] = t.first_plane[s - 1] + launch[s].ahead[0];
        t.first_row[s] = t.first_row[s - 1] + launch[s].ahead[1];
        if (t.rows[s] + t.first_row[s] > rows_of_thread || t.planes[s] + t.first_plane[s] > n) break;
    }
    return t;
}

// All planes, of each the rows [first[s], last[s]) with kernel s; the rows behind the plane's last one are its first.
static void through_planes(const Together& t, const int* first, const int* last) {
    const int n = t.n, end = t.first_plane[t.kernels - 1] + t.planes[t.kernels - 1] + n;
    for (int beat = 0; beat < end; ++beat)
        for (int s = 0; s < t.kernels; ++s) {
            const int start = t.first_plane[s] + t.planes[s];
            if (beat < start || beat >= start + n) continue;
            const int plane = (beat - t.planes[s]) % n;
            run(t.launch[s], plane, std::max(first[s], 0), std::min(last[s], n), n);
            if (last[s] > n) run(t.launch[s], plane, std::max(first[s] - n, 0), last[s] - n, n);
        }
}

// Rows [begin, end) as far as they need none beyond, in tiles that lean backwards.
static void inside(const Together& t, int begin, int end, int tile) {
    int first[MOST_TOGETHER], last[MOST_TOGETHER];
    for (int from = begin; from < end; from += tile) {
        for (int s = 0; s < t.kernels; ++s) {
            const int lower = begin + t.first_row[s], upper = end - t.rows[s], to = from + tile;
            first[s] = from == begin ? lower : std::clamp(from - t.rows[s], lower, upper);
            last[s] = to >= end ? upper : std::clamp(to - t.rows[s], lower, upper);
        }
        through_planes(t, first, last);
    }
}

// What `inside` has left on both sides of a border.
static void across(const Together& t, int border) {
    int first[MOST_TOGETHER], last[MOST_TOGETHER];
    for (int s = 0; s < t.kernels; ++s) { first[s] = border - t.rows[s]; last[s] = border + t.first_row[s]; }
    through_planes(t, first, last);
}

// touched: how many blocks of fields the kernels work on. read: those that they read along rows, whose ghosts may be out of date,
// because the host can write to fields between two sweeps, unless this one follows another at once.
extern "C" __attribute__((visibility("default")))
void sweep(int launches, const Launch* launch, int touched, int blocks, real** read, int follows, int n) {
    #pragma omp parallel
    {
        const unsigned before = flush_denormals();
        #pragma omp for
        for (int plane = follows ? n : 0; plane < n; ++plane)
            for (int c = 0; c < blocks; ++c) renew(read[c], plane, 0, n, n);
        const int threads = std::min(omp_get_num_threads(), n), thread = omp_get_thread_num();
        const int begin = (long)n * thread / threads, end = (long)n * (thread + 1) / threads;
        for (int s = 0, kernels; s < launches; s += kernels) {
            const Together t = together(launch + s, launches - s, n / threads, n);
            kernels = t.kernels;
            const size_t bytes_of_row = (t.planes[t.kernels - 1] + 2) * (n + GHOSTS) * sizeof(real) * touched;
            if (thread < threads) inside(t, begin, end, std::max<int>(4, BYTES_TOGETHER / bytes_of_row));
            #pragma omp barrier
            if (thread < threads && t.kernels > 1) across(t, end);
            #pragma omp barrier
        }
        restore_denormals(before);
    }
}

extern "C" __attribute__((visibility("default")))
void for_items(void (*kernel)(Rows, void**), void** arguments, int items) {
    #pragma omp parallel for schedule(static)
    for (int b = 0; b < items; ++b) kernel({0, b, b + 1}, arguments);
}
