// The flow of a component at orders above 2, from X or G to F (link_means.cu, link_flow.cu); for CUDA alone. It writes X_I,
// pi and F at its own sites, and reads theta, D_I and X_J, X_K or G around them. momenta_of_force (fused_means.cu) goes on.

#define FORCE_THREADS (FORCE_ROWS * COLUMNS)

// I = x or y. A block marches along I with a tile in (y, z) or (x, z), and with the means of a plane in shared memory. theta,
// G and E of ORDER planes are in registers. G of plane p gives E of plane p - HALF, and this gives F of plane p - CENTRAL.
template <int I, bool DRIFT> INLINE void force_of_links_of(int n, index_t stride, const Flow& f) {
    __shared__ TileOfMeans<FORCE_ROWS> tile[2];
    const TileThread t = thread_of_tile<FORCE_ROWS, 0, 0>(n);
    const Segment planes = segment(n);
    const FeltMeans<I> means{f.g, f.X_JK};
    const auto site = [&](int m) { return site_of_plane<I>(wrapped(m, n), t.row, t.column, n, stride); };
    Queue<ORDER> theta = {}, felt[N_FREE] = {}, electric[N_FREE] = {};
    double pi_sq = 0;
    for (int p = planes.first - CENTRAL; p < planes.last + CENTRAL; ++p) {
        const TileOfMeans<FORCE_ROWS>& own = tile[p & 1];
        fill_tile<I, FORCE_ROWS, FORCE_THREADS>(tile[p & 1], means, n, stride, wrapped(p, n));
        __syncthreads();  // a thread is at most one plane ahead of another
        if (!t.own) continue;
        theta.push(f.theta[site(p).at(0, 0, 0)]);
        UNROLL for (int a = 0; a < N_FREE; ++a)
            felt[a].push(felt_from_means([&](int x) { return own.template of_K<I>(a, t.line, t.place, x); },
                                         [&](int x) { return own.template of_J<I>(a, t.line, t.place, x); }));
        if (p < planes.first) continue;
        const Site behind = site(p - HALF);
        UNROLL for (int a = 0; a < N_FREE; ++a)
            electric[a].push(link_electric(
                component<I>(f.D_I, behind, a)[behind.at(0, 0, 0)], f.coordinate_inv_dx,
                forward_sum_of([&](int x) { return theta.of[HALF - 1 + x] * felt[a].of[HALF - 1 + x]; })));
        if (p < planes.first + CENTRAL) continue;
        const Site s = site(p - CENTRAL);
        real force[N_FREE];
        flow_at_site<I, DRIFT>(
            f, s, true, theta.of[0], [&](int a) { return felt[a].of[0]; }, [&](int a, int x) { return electric[a].of[HALF + x]; },
            force, [&](double square) { pi_sq += square; });
        UNROLL for (int a = 0; a < N_FREE; ++a) component<(I + 2) % 3>(f.F_K, s, a)[s.at(0, 0, 0)] = force[a];
    }
    if (DRIFT) {
        const double sum[1] = {pi_sq};
        STORE_SUMS_OF_TILES(FORCE_THREADS, 1, n, sum, f.partial)
    }
}

// From G, at one site: the ORDER values of E along I are made of those of theta and G around them.
template <int I, bool DRIFT, class Drifted> INLINE void force_of_felt_at(const Flow& f, const real* G, const Site& s, Drifted drifted) {
    const index_t c = s.at(0, 0, 0);
    real electric[N_FREE][ORDER], force[N_FREE];
    UNROLL for (int a = 0; a < N_FREE; ++a) {
        const real* of_site = component<(I + 1) % 3>(G, s, a);
        UNROLL for (int r = -HALF; r < HALF; ++r)
            electric[a][HALF + r] = link_electric(
                component<I>(f.D_I, s, a)[at<I>(s, r, 0, 0)], f.coordinate_inv_dx,
                forward_sum_of([&](int x) { return f.theta[at<I>(s, r + x, 0, 0)] * of_site[at<I>(s, r + x, 0, 0)]; }));
    }
    flow_at_site<I, DRIFT>(
        f, s, true, f.theta[c], [&](int a) { return component<(I + 1) % 3>(G, s, a)[c]; },
        [&](int a, int x) { return electric[a][HALF + x]; }, force, drifted);
    UNROLL for (int a = 0; a < N_FREE; ++a) component<(I + 2) % 3>(f.F_K, s, a)[c] = force[a];
}
template <int I> INLINE void force_of_felt_of(int n, index_t stride, const Flow& f, const real* G) {
    FOR_SITES(n, stride, s) { force_of_felt_at<I, false>(f, G, s, [](double) {}); } END_SITES
}
template <int I> INLINE void force_of_felt_drift_of(int n, index_t stride, const Flow& f, const real* G) {
    FOR_SITES_SUM(n, stride, s, force_of_felt_drift, sum, partial) {
        force_of_felt_at<I, true>(f, G, s, [&](double square) { ADD(sum, pi_sq, square); });
    } END_SITES_SUM(n, sum, f.partial)
}

KERNEL(force_of_links, int n, index_t stride, int axis, real link_coordinate_h, real link_coordinate_inv_dx, real link_torque_h,
       real link_torque_inv_dx, const real* g, const real* theta, const real* X_JK, const real* D_I, real* X_I, real* pi, real* F) {
    const Flow f{link_coordinate_h, link_coordinate_inv_dx, link_torque_h, link_torque_inv_dx, 0, 0, 0,
                 g, theta, X_JK, D_I, X_I, pi, nullptr, F, nullptr, nullptr};
    if (axis == 0) { force_of_links_of<0, false>(n, stride, f); }
    if (axis == 1) { force_of_links_of<1, false>(n, stride, f); }
}

KERNEL(force_of_links_drift, int n, index_t stride, int axis, real link_coordinate_h, real link_coordinate_inv_dx,
       real link_torque_drift_h, real link_torque_drift_inv_dx, real link_torque_drift_drift, real link_torque_drift_a, const real* g,
       const real* theta, const real* X_JK, const real* D_I, real* X_I, real* pi, real* F, real* theta_next, double* partial) {
    const Flow f{link_coordinate_h, link_coordinate_inv_dx, link_torque_drift_h, link_torque_drift_inv_dx, 0, 0,
                 link_torque_drift_drift / (link_torque_drift_a * link_torque_drift_a),
                 g, theta, X_JK, D_I, X_I, pi, nullptr, F, theta_next, partial};
    if (axis == 0) { force_of_links_of<0, true>(n, stride, f); }
}

KERNEL(force_of_felt, int n, index_t stride, int axis, real link_coordinate_h, real link_coordinate_inv_dx, real link_torque_h,
       real link_torque_inv_dx, const real* theta, const real* G, const real* D_I, real* X_I, real* pi, real* F) {
    const Flow f{link_coordinate_h, link_coordinate_inv_dx, link_torque_h, link_torque_inv_dx, 0, 0, 0,
                 nullptr, theta, nullptr, D_I, X_I, pi, nullptr, F, nullptr, nullptr};
    if (axis == 2) { force_of_felt_of<2>(n, stride, f, G); }
}

KERNEL(force_of_felt_drift, int n, index_t stride, int axis, real link_coordinate_h, real link_coordinate_inv_dx,
       real link_torque_drift_h, real link_torque_drift_inv_dx, real link_torque_drift_drift, real link_torque_drift_a,
       const real* theta, const real* G, const real* D_I, real* X_I, real* pi, real* F, real* theta_next, double* partial) {
    const Flow f{link_coordinate_h, link_coordinate_inv_dx, link_torque_drift_h, link_torque_drift_inv_dx, 0, 0,
                 link_torque_drift_drift / (link_torque_drift_a * link_torque_drift_a),
                 nullptr, theta, nullptr, D_I, X_I, pi, nullptr, F, theta_next, partial};
    if (axis == 2) { force_of_felt_drift_of<2>(n, stride, f, G); }
}
