// The flow of one component I of E^2/2 (link_flow.cu, second_order_flow.cu) in one pass over memory; for CUDA alone. It
// writes X_I, pi, D_J and D_K at its own sites, and reads theta, X_J, X_K and D_I around them, so that no block reads
// around its tile what another block writes. Where theta drifts, its new values go to another array.

#define FLOW_LINES (FLOW_ROWS + 2)
#define FLOW_SPAN (COLUMNS + 2)
#define FLOW_THREADS (FLOW_LINES * FLOW_SPAN)

// D of a site from F around it; force(a, q, r) is that of field a at the site displaced by q, r along J, K.
template <int I, class Force> INLINE void momenta_at_site(const Flow& f, const Site& s, Force force) {
    real curl_J[N_GAUGE], curl_K[N_GAUGE];
    UNROLL for (int a = 0; a < N_FREE; ++a)
        curl_of_mean_of([&](int q, int r) { return force(a, q, r); }, curl_J[a], curl_K[a]);
    subtract_curls<I>(f.D_JK, s, f.momenta_h, f.momenta_inv_dx, f.g, curl_J, curl_K);
}

// I = x or y. A block marches along I with a tile in (y, z) or (x, z). theta, G and E of two planes are in registers, and
// F of a plane is in shared memory.
template <int I, bool DRIFT> INLINE void flow_along(int n, index_t stride, const Flow& f) {
    __shared__ real force[2][N_FREE][FLOW_LINES][FLOW_SPAN];
    const TileThread t = thread_of_tile<FLOW_ROWS, 1, 1>(n);
    const Segment planes = segment(n);
    const auto site = [&](int m) {
        const int p = wrapped(m, n);
        return periodic_site(I == 0 ? p : t.row, I == 0 ? t.row : p, t.column, n, stride);
    };
    real theta = 0, theta_ahead = 0, felt[N_FREE] = {}, felt_ahead[N_FREE] = {}, e[N_FREE] = {}, behind[N_FREE] = {};
    __shared__ double pi_sq[DRIFT ? FLOW_THREADS : 1];  // the sum of each thread, for which registers lack
    if (DRIFT) pi_sq[threadIdx.x] = 0;
    if (t.present) {
        const Site s = site(planes.first - 1);
        theta_ahead = f.theta[s.at(0, 0, 0)];
        felt_at_site<I>(f.g, f.X_JK, s, [&](int a, real felt) { felt_ahead[a] = felt; });
    }
    for (int m = planes.first - 1; m < planes.last; ++m) {
        const Site s = site(m);
        theta = theta_ahead;
        UNROLL for (int a = 0; a < N_FREE; ++a) {
            felt[a] = felt_ahead[a];
            behind[a] = e[a];
        }
        if (t.present) {
            const Site ahead = site(m + 1);
            theta_ahead = f.theta[ahead.at(0, 0, 0)];
            felt_at_site<I>(f.g, f.X_JK, ahead, [&](int a, real felt) { felt_ahead[a] = felt; });
            UNROLL for (int a = 0; a < N_FREE; ++a)
                e[a] = link_electric(component<I>(f.D_I, s, a)[s.at(0, 0, 0)], f.coordinate_inv_dx, forward_sum_of([&](int x) {
                    return x ? theta_ahead * felt_ahead[a] : theta * felt[a];
                }));
        }
        if (m < planes.first) continue;
        if (t.present) {
            real of_site[N_FREE];
            flow_at_site<I, DRIFT>(
                f, s, t.own, theta, [&](int a) { return felt[a]; }, [&](int a, int x) { return x ? behind[a] : e[a]; }, of_site,
                [&](double square) { pi_sq[threadIdx.x] += square; });
            UNROLL for (int a = 0; a < N_FREE; ++a) force[m & 1][a][t.line][t.place] = of_site[a];
        }
        __syncthreads();  // a thread is at most one plane ahead of another
        if (t.own)
            momenta_at_site<I>(f, s, [&](int a, int q, int r) {
                return force[m & 1][a][t.line + (I == 0 ? q : r)][t.place + (I == 0 ? r : q)];
            });
    }
    if (DRIFT) {
        const double sum[1] = {pi_sq[threadIdx.x]};
        STORE_SUMS_OF_TILES(FLOW_THREADS, 1, n, sum, f.partial)
    }
}

// I = z. A block marches along x = J with a tile in (y, z). Neighbours along z are in the tile, and F of a plane has
// neighbours in the planes before and behind. In one turn a thread makes G of plane p, E and F of plane p - 1, and moves D
// of plane p - 2. So one barrier a turn is enough: who is a turn ahead writes planes that nobody reads any more.
template <bool DRIFT> INLINE void flow_across(int n, index_t stride, const Flow& f) {
    __shared__ real felt_of[2][N_FREE][FLOW_LINES][FLOW_SPAN];
    __shared__ real force[4][N_FREE][FLOW_LINES][FLOW_SPAN];
    const TileThread t = thread_of_tile<FLOW_ROWS, 1, 1>(n);
    const Segment planes = segment(n);
    const bool inside = t.present && t.place > 0 && t.place <= COLUMNS && t.column_of_tile < n;
    const auto site = [&](int m) { return periodic_site(wrapped(m, n), t.row, t.column, n, stride); };
    __shared__ double pi_sq[DRIFT ? FLOW_THREADS : 1];  // the sum of each thread, for which registers lack
    if (DRIFT) pi_sq[threadIdx.x] = 0;
    for (int p = planes.first - 1; p <= planes.last + 1; ++p) {
        if (t.present && p <= planes.last)
            felt_at_site<2>(f.g, f.X_JK, site(p), [&](int a, real felt) { felt_of[p & 1][a][t.line][t.place] = felt; });
        if (inside && p >= planes.first) {
            const int m = p - 1;
            const Site s = site(m);
            real felt[N_FREE], e[N_FREE], behind[N_FREE], of_site[N_FREE];
            const auto electric = [&](int a, int r) {  // of the link displaced by r along z
                return link_electric(component<2>(f.D_I, s, a)[s.at(0, 0, r)], f.coordinate_inv_dx, forward_sum_of([&](int x) {
                    return f.theta[s.at(0, 0, r + x)] * felt_of[m & 1][a][t.line][t.place + r + x];
                }));
            };
            UNROLL for (int a = 0; a < N_FREE; ++a) {
                felt[a] = felt_of[m & 1][a][t.line][t.place];
                e[a] = electric(a, 0);
                behind[a] = electric(a, -1);
            }
            const bool moves = t.own && m >= planes.first && m < planes.last;
            flow_at_site<2, DRIFT>(
                f, s, moves, f.theta[s.at(0, 0, 0)], [&](int a) { return felt[a]; },
                [&](int a, int x) { return x ? behind[a] : e[a]; }, of_site,
                [&](double square) { pi_sq[threadIdx.x] += square; });
            UNROLL for (int a = 0; a < N_FREE; ++a) force[m & 3][a][t.line][t.place] = of_site[a];
        }
        __syncthreads();
        const int m = p - 2;
        if (t.own && m >= planes.first)
            momenta_at_site<2>(f, site(m), [&](int a, int q, int r) { return force[(m + q) & 3][a][t.line + r][t.place]; });
    }
    if (DRIFT) {
        const double sum[1] = {pi_sq[threadIdx.x]};
        STORE_SUMS_OF_TILES(FLOW_THREADS, 1, n, sum, f.partial)
    }
}

template <bool DRIFT> INLINE void link_flow_of(int n, index_t stride, int axis, const Flow& f) {
    if (axis == 0) { flow_along<0, DRIFT>(n, stride, f); }
    if (axis == 1) { flow_along<1, DRIFT>(n, stride, f); }
    if (axis == 2) { flow_across<DRIFT>(n, stride, f); }
}

KERNEL(link_flow, int n, index_t stride, int axis, real link_coordinate_h, real link_coordinate_inv_dx, real link_torque_h,
       real link_torque_inv_dx, real link_momenta_h, real link_momenta_inv_dx, const real* g, const real* theta, const real* X_JK,
       const real* D_I, real* X_I, real* pi, real* D_JK) {
    link_flow_of<false>(n, stride, axis, {
        link_coordinate_h, link_coordinate_inv_dx, link_torque_h, link_torque_inv_dx, link_momenta_h, link_momenta_inv_dx, 0,
        g, theta, X_JK, D_I, X_I, pi, D_JK, nullptr, nullptr, nullptr});
}

KERNEL(link_flow_drift, int n, index_t stride, int axis, real link_coordinate_h, real link_coordinate_inv_dx, real link_torque_drift_h,
       real link_torque_drift_inv_dx, real link_torque_drift_drift, real link_torque_drift_a, real link_momenta_h,
       real link_momenta_inv_dx, const real* g, const real* theta, const real* X_JK, const real* D_I, real* X_I, real* pi, real* D_JK,
       real* theta_next, double* partial) {
    link_flow_of<true>(n, stride, axis, {
        link_coordinate_h, link_coordinate_inv_dx, link_torque_drift_h, link_torque_drift_inv_dx, link_momenta_h,
        link_momenta_inv_dx, link_torque_drift_drift / (link_torque_drift_a * link_torque_drift_a),
        g, theta, X_JK, D_I, X_I, pi, D_JK, nullptr, theta_next, partial});
}
