// The first and the last kernels of a component's flow at orders above 2 (link_means.cu), each in one pass over memory; for
// CUDA alone. Means along J are differenced along K, and those along K along J. Blocks have them in shared memory, but for
// means that a block differences along the axis on which it marches: these are in registers.

#define HALF (ORDER / 2)     // of the values of a mean
#define CENTRAL (ORDER - 1)  // how far a central difference reads
#define MEANS_LINES (MEANS_ROWS + 2 * CENTRAL)
#define MEANS_THREADS (MEANS_LINES * COLUMNS)

// The means of X for G, and those of 2 F_I for the curl. Each is of ORDER values, the last of them AHEAD sites ahead.
// value<A>(s, b, x) is of field b at the site displaced by x along A; mean(value, store) gives the means to store(a, mean).
template <int I> struct FeltMeans {
    enum { FIELDS = N_FELT, AHEAD = HALF - 1 };
    const real *g, *X;
    template <int A> INLINE real value(const Site& s, int b, int x) const { return component<A>(X, s, b)[at<A>(s, x, 0, 0)]; }
    template <class Value, class Store> INLINE void mean(Value value, Store store) const { felt_mean(g, value, store); }
};
template <int I> struct ForceMeans {
    enum { FIELDS = N_FREE, AHEAD = HALF };
    const real* F;
    template <int A> INLINE real value(const Site& s, int b, int x) const {
        return component<(I + 2) % 3>(F, s, b)[at<A>(s, x, 0, 0)];
    }
    template <class Value, class Store> INLINE void mean(Value value, Store store) const {
        UNROLL for (int a = 0; a < N_FREE; ++a) store(a, forward_sum_of([&](int x) { return value(a, x); }));
    }
};
template <int A, class Means, class Store> INLINE void mean_at(const Means& means, const Site& s, Store store) {
    means.mean([&](int b, int x) { return means.template value<A>(s, b, x); }, store);
}

// The last N values along the axis of a march, the newest behind.
template <int N> struct Queue {
    real of[N];
    INLINE void push(real value) {
        UNROLL for (int i = 1; i < N; ++i) of[i - 1] = of[i];
        of[N - 1] = value;
    }
};

// I = x or y: the means of a tile in a plane across I. Rows are along y or x, columns along z. Means along z have a rim of
// rows, and those along the rows a rim of columns.
template <int ROWS> struct TileOfMeans {
    real along_columns[N_FREE][ROWS + 2 * CENTRAL][COLUMNS], along_rows[N_FREE][ROWS][COLUMNS + 2 * CENTRAL];
    // Means of field a at a site of the tile, along J displaced by x along K, and along K displaced by x along J.
    template <int I> INLINE real of_J(int a, int line, int place, int x) const {
        return I == 0 ? along_rows[a][line][place + CENTRAL + x] : along_columns[a][line + CENTRAL + x][place];
    }
    template <int I> INLINE real of_K(int a, int line, int place, int x) const {
        return I == 0 ? along_columns[a][line + CENTRAL + x][place] : along_rows[a][line][place + CENTRAL + x];
    }
};
template <int I> INLINE Site site_of_plane(int plane, int row, int column, int n, index_t stride) {
    return periodic_site(I == 0 ? plane : row, I == 0 ? row : plane, column, n, stride);
}
template <int I, int ROWS, int BLOCK, class Means>
INLINE void fill_tile(TileOfMeans<ROWS>& tile, const Means& means, int n, index_t stride, int plane) {
    constexpr int span = COLUMNS + 2 * CENTRAL;
    const int across = (n + COLUMNS - 1) / COLUMNS;
    const int first_row = blockIdx.x / across * ROWS, first_column = blockIdx.x % across * COLUMNS;
    for (int i = threadIdx.x; i < (ROWS + 2 * CENTRAL) * COLUMNS; i += BLOCK) {
        const int line = i / COLUMNS, place = i % COLUMNS, row = first_row + line - CENTRAL, column = first_column + place;
        if (row < n + CENTRAL && column < n)
            mean_at<2>(means, site_of_plane<I>(plane, wrapped(row, n), column, n, stride),
                       [&](int a, real mean) { tile.along_columns[a][line][place] = mean; });
    }
    for (int i = threadIdx.x; i < ROWS * span; i += BLOCK) {
        const int line = i / span, place = i % span, row = first_row + line, column = first_column + place - CENTRAL;
        if (row < n && column < n + CENTRAL)
            mean_at<1 - I>(means, site_of_plane<I>(plane, row, wrapped(column, n), n, stride),
                           [&](int a, real mean) { tile.along_rows[a][line][place] = mean; });
    }
}

// use(s, of_J, of_K) at every site, with of_J(a, x) and of_K(a, x) as above.
template <int I, class Means, class Use> INLINE void use_means_in_plane(int n, index_t stride, const Means& means, Use use) {
    __shared__ TileOfMeans<MEANS_ROWS> tile[2];
    const TileThread t = thread_of_tile<MEANS_ROWS, CENTRAL, CENTRAL, 0, 0>(n);
    const Segment planes = segment(n);
    for (int m = planes.first; m < planes.last; ++m) {
        fill_tile<I, MEANS_ROWS, MEANS_THREADS>(tile[m & 1], means, n, stride, m);
        __syncthreads();  // a thread is at most one plane ahead of another
        if (!t.own) continue;
        const int line = t.line - CENTRAL;
        use(site_of_plane<I>(m, t.row, t.column, n, stride),
            [&](int a, int x) { return tile[m & 1].template of_J<I>(a, line, t.place, x); },
            [&](int a, int x) { return tile[m & 1].template of_K<I>(a, line, t.place, x); });
    }
}

// I = z: a block marches along x = J with a tile in (y, z). Means along x are of values in registers, and have a rim of
// rows. Means along y are in registers.
template <class Means, class Use> INLINE void use_means_across(int n, index_t stride, const Means& means, Use use) {
    __shared__ real along_x[2][N_FREE][MEANS_LINES][COLUMNS];
    const TileThread t = thread_of_tile<MEANS_ROWS, CENTRAL, CENTRAL, 0, 0>(n);
    const Segment planes = segment(n);
    const auto site = [&](int m) { return periodic_site(wrapped(m, n), t.row, t.column, n, stride); };
    Queue<ORDER> values[Means::FIELDS] = {};
    Queue<2 * CENTRAL + 1> along_y[N_FREE] = {};
    const auto take_value = [&](int m) {
        const Site s = site(m);
        UNROLL for (int b = 0; b < Means::FIELDS; ++b) values[b].push(means.template value<0>(s, b, 0));
    };
    const auto take_mean = [&](int m) { mean_at<1>(means, site(m), [&](int a, real mean) { along_y[a].push(mean); }); };
    if (t.present)
        for (int i = 1; i < ORDER; ++i) take_value(planes.first + Means::AHEAD - ORDER + i);
    if (t.own)
        for (int i = 0; i < 2 * CENTRAL; ++i) take_mean(planes.first - CENTRAL + i);
    for (int m = planes.first; m < planes.last; ++m) {
        if (t.present) {
            take_value(m + Means::AHEAD);
            means.mean([&](int b, int x) { return values[b].of[x + CENTRAL - Means::AHEAD]; },
                       [&](int a, real mean) { along_x[m & 1][a][t.line][t.place] = mean; });
        }
        if (t.own) take_mean(m + CENTRAL);
        __syncthreads();  // a thread is at most one plane ahead of another
        if (!t.own) continue;
        use(site(m), [&](int a, int x) { return along_x[m & 1][a][t.line + x][t.place]; },
            [&](int a, int x) { return along_y[a].of[CENTRAL + x]; });
    }
}

template <int I, class Means, class Use> INLINE void use_means(int n, index_t stride, const Means& means, Use use) {
    if constexpr (I == 2) use_means_across(n, stride, means, use);
    else use_means_in_plane<I>(n, stride, means, use);
}

template <int I> INLINE void felt_of_links_of(int n, index_t stride, const real* g, const real* X, real* G) {
    use_means<I>(n, stride, FeltMeans<I>{g, X}, [&](const Site& s, auto of_J, auto of_K) {
        UNROLL for (int a = 0; a < N_FREE; ++a)
            component<(I + 1) % 3>(G, s, a)[s.at(0, 0, 0)] =
                felt_from_means([&](int x) { return of_K(a, x); }, [&](int x) { return of_J(a, x); });
    });
}

template <int I> INLINE void momenta_of_force_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* F, real* D) {
    use_means<I>(n, stride, ForceMeans<I>{F}, [&](const Site& s, auto of_J, auto of_K) {
        real curl_J[N_GAUGE], curl_K[N_GAUGE];
        UNROLL for (int a = 0; a < N_FREE; ++a)
            curl_from_means([&](int x) { return of_J(a, x); }, [&](int x) { return of_K(a, x); }, curl_J[a], curl_K[a]);
        subtract_curls<I>(D, s, h, inv_dx, g, curl_J, curl_K);
    });
}

KERNEL(felt_of_links, int n, index_t stride, int axis, const real* g, const real* X_JK, real* G) {
    if (axis == 0) { felt_of_links_of<0>(n, stride, g, X_JK, G); }
    if (axis == 1) { felt_of_links_of<1>(n, stride, g, X_JK, G); }
    if (axis == 2) { felt_of_links_of<2>(n, stride, g, X_JK, G); }
}

KERNEL(momenta_of_force, int n, index_t stride, int axis, real momenta_of_means_h, real momenta_of_means_inv_dx, const real* g,
       const real* F, real* D_JK) {
    if (axis == 0) { momenta_of_force_of<0>(n, stride, momenta_of_means_h, momenta_of_means_inv_dx, g, F, D_JK); }
    if (axis == 1) { momenta_of_force_of<1>(n, stride, momenta_of_means_h, momenta_of_means_inv_dx, g, F, D_JK); }
    if (axis == 2) { momenta_of_force_of<2>(n, stride, momenta_of_means_h, momenta_of_means_inv_dx, g, F, D_JK); }
}
