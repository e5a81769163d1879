// How a CPU runs kernels over the lattice: which rows, in which order, on which thread. No result depends on any of
// this. A kernel reads neighbours at most REACH sites away, of fields that it does not write, and writes only its own
// site.
//
// Kernels that follow each other run as one wavefront through the planes, with skewed tiles of rows. A row is still in
// the cache when the next kernel comes to it, and the fields pass through memory once for all of them. A kernel stays
// some planes and rows behind the one before it. This is its distance: the neighbours that it reads must have been
// written (sweep_order.py).
//
// Two kernels in a tile of three rows, when a works on plane 3. b stays one plane and one row behind a:
//
//     row 7    .  .  .  .  .  .        A, B   the rows on which a and b work now
//     row 6    a  a  a  A  .  .        a      rows that a has done
//     row 5    b  b  B  A  .  .        b      rows that both have done
//     row 4    b  b  B  A  .  .        .      rows that nobody has done
//     row 3    b  b  B  a  a  a
//     row 2    b  b  b  b  b  b        The tile of a is rows 4 to 6. The tile of b is skewed: rows 3 to 5.
//     plane    0  1  2  3  4  5
//
// Every thread owns a block of rows and goes through its tiles upwards. Near the ends of the block, b cannot do the
// rows that need rows of a in another block. It begins further up and stops short. The rows left out on both sides of a
// border are done after a barrier. The planes are periodic. If b reads the plane below, it begins one plane ahead of
// where a has begun, and does the plane left out last.
//
// The planes of a slab are not periodic. Planes of the neighbours lie around it, and every kernel has the planes on
// which it works (exchanges.py). a then works one plane further down than b, which reads there.

#include <omp.h>

#define MOST_TOGETHER 64              // kernels; a step has 30 to 50
// Of a thread's share of the last cache; and the planes between the first and the last kernel of a wavefront, at most. Where
// kernels reach further, a deep wavefront has narrow tiles, and its rows leave the cache before the last kernel comes.
#define BYTES_TOGETHER ((ORDER > 2 ? 4 : 12) << 20)
#define MOST_DEPTH (ORDER > 2 ? 40 : 1 << 30)

// One kernel of a sweep: its arguments, and the components that it writes and others read along rows. Its distances, in
// planes and rows, are `behind` the kernel before it and `ahead` of the place where that one has begun. It works on the
// planes from planes[0] to before planes[1].
struct Entry {
    void (*kernel)(Rows, void**);
    void** arguments;
    real** written;
    int components, behind[2], ahead[2], planes[2];
};

// The ghosts of rows [first, last) of a plane.
static void renew(real* component, int plane, int first, int last, int n) {
    const index_t pitch = n + GHOSTS;
    for (int j = first; j < last; ++j) {
        real* row = component + ((index_t)plane * n + j) * pitch;
        for (int k = 1; k <= REACH; ++k) row[-k] = row[n - k];
        for (int k = 0; k < GHOSTS - REACH; ++k) row[n + k] = row[k < REACH ? k : 0];
    }
}

static void run(const Entry& launch, int plane, int first, int last, int planes, int n) {
    if (first >= last) return;
    launch.kernel({plane, first, last, planes}, launch.arguments);
    for (int c = 0; c < launch.components; ++c) renew(launch.written[c], plane, first, last, n);
}

// Kernels of one wavefront. Kernel s stays `behind[s]` planes and `rows[s]` rows behind the first one. It begins `ahead[s]` planes
// above its first one and, above the lower end of a thread's block, at `first_row[s]`.
struct Together {
    int kernels, planes, n;  // planes and rows in memory
    const Entry* launch;
    int behind[MOST_TOGETHER], rows[MOST_TOGETHER], ahead[MOST_TOGETHER], first_row[MOST_TOGETHER];
    int first_beat(int s) const { return launch[s].planes[0] + ahead[s] + behind[s]; }
    int last_beat(int s) const { return launch[s].planes[1] + ahead[s] + behind[s]; }
};

// The longest wavefront from a launch on. Its distances must leave every thread rows that need none of its neighbours'.
static Together together(const Entry* launch, int launches, int rows_of_thread, int planes, int n) {
    Together t = {1, planes, n, launch, {0}, {0}, {0}, {0}};
    for (int& s = t.kernels; s < std::min(launches, MOST_TOGETHER); ++s) {
        t.behind[s] = t.behind[s - 1] + launch[s].behind[0];
        t.rows[s] = t.rows[s - 1] + launch[s].behind[1];
        t.ahead[s] = t.ahead[s - 1] + launch[s].ahead[0];
        t.first_row[s] = t.first_row[s - 1] + launch[s].ahead[1];
        if (t.rows[s] + t.first_row[s] > rows_of_thread || t.behind[s] + t.ahead[s] > std::min(planes, MOST_DEPTH)) break;
    }
    return t;
}

// The wavefront through its planes, kernel s on the rows [first[s], last[s]) of each. At a beat every kernel does one plane. Rows are
// periodic: n stands for row 0.
static void through_planes(const Together& t, const int* first, const int* last) {
    const int n = t.n, planes = t.planes;
    int begin = t.first_beat(0), end = t.last_beat(0);
    for (int s = 1; s < t.kernels; ++s) {
        begin = std::min(begin, t.first_beat(s));
        end = std::max(end, t.last_beat(s));
    }
    for (int beat = begin; beat < end; ++beat)
        for (int s = 0; s < t.kernels; ++s) {
            if (beat < t.first_beat(s) || beat >= t.last_beat(s)) continue;
            const int plane = (beat - t.behind[s]) % planes;
            run(t.launch[s], plane, std::max(first[s], 0), std::min(last[s], n), planes, n);
            if (last[s] > n) run(t.launch[s], plane, std::max(first[s] - n, 0), last[s] - n, planes, n);
        }
}

// A thread's block of rows [begin, end) in skewed tiles. The rows near its ends that need rows beyond them are left
// out.
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

// The rows on both sides of a border between blocks that `inside` has left out.
static void across(const Together& t, int border) {
    int first[MOST_TOGETHER], last[MOST_TOGETHER];
    for (int s = 0; s < t.kernels; ++s) { first[s] = border - t.rows[s]; last[s] = border + t.first_row[s]; }
    through_planes(t, first, last);
}

// touched: how many blocks of fields the kernels work on. read: the blocks that they read along rows. Their ghosts may
// be out of date in the planes [own_first, own_last), because the host can write to fields between two sweeps. There are
// no such blocks if this sweep follows another at once. planes: in memory. team: how many threads.
extern "C" __attribute__((visibility("default")))
void sweep(int launches, const Entry* launch, int touched, int blocks, real** read, int own_first, int own_last, int planes, int n,
           int team) {
    #pragma omp parallel num_threads(team)
    {
        const unsigned before = flush_denormals();
        #pragma omp for
        for (int plane = blocks ? own_first : own_last; plane < own_last; ++plane)
            for (int c = 0; c < blocks; ++c) renew(read[c], plane, 0, n, n);
        const int threads = std::min(omp_get_num_threads(), n), thread = omp_get_thread_num();
        const int begin = (long)n * thread / threads, end = (long)n * (thread + 1) / threads;
        for (int s = 0, kernels; s < launches; s += kernels) {
            const Together t = together(launch + s, launches - s, n / threads, planes, n);
            kernels = t.kernels;
            const size_t bytes_of_row = (t.behind[t.kernels - 1] + 2) * (n + GHOSTS) * sizeof(real) * touched;
            if (thread < threads) inside(t, begin, end, std::max<int>(4, BYTES_TOGETHER / bytes_of_row));
            #pragma omp barrier
            if (thread < threads && t.kernels > 1) across(t, end);
            #pragma omp barrier
        }
        restore_denormals(before);
    }
}

extern "C" __attribute__((visibility("default")))
void for_items(void (*kernel)(Rows, void**), void** arguments, int items, int team) {
    #pragma omp parallel for schedule(static) num_threads(team)
    for (int b = 0; b < items; ++b) kernel({0, b, b + 1, 0}, arguments);
}
