// The exact flow of sum_n E_I^2/2 over a time h, for one component I (see kick.cu), in two kernels because the second
// reads E_I at neighbouring links:
//     E_I = D_I + g W_I,   X_I += h E_I
//     D_J, D_K -= h (backward curl of g Fbar_I)_{J, K},   pi -= h sum_ab g_ab E_aI B4_bI
// The first leaves the sum of E_I^2. The fields that move are the free ones; a conducting one has an E that stays and moves in a
// flow of its own. Its D is E less g W, of which E alone is kept: of both changes of a conducting field's D and g W the
// difference goes to its impulse G, or in its own flow, where g_aa makes one component's motion the others' source, to E.

#define LINK_SUMS 1

template <int I>
INLINE void link_coordinate_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* theta,
                               const real* D, real* X, real* E, double* partial) {
    FOR_SITES_SUM(n, stride, s, LINK_SUMS, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        real W[N_GAUGE], squares = 0;
        for (int b = 0; b < N_GAUGE; ++b) W[b] = real(0.125) * inv_dx * theta_magnetic<I>(theta, X, s, b);
        for (int a = 0; a < N_FREE; ++a) {
            real e = component<I>(D, s, a)[c];
            for (int b = 0; b < N_GAUGE; ++b) e += g[a * N_GAUGE + b] * W[b];
            component<I>(E, s, a)[c] = e;
            component<I>(X, s, a)[c] += h * e;
            squares += e * e;
        }
        ADD(sum, 0, squares);
    } END_SITES_SUM(n, LINK_SUMS, sum, partial)
}

// Fields FIRST to LAST move; `induced` is where a conducting field's sources go.
template <int I, int FIRST, int LAST>
INLINE void link_momenta_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* theta,
                            const real* X, const real* E, real* pi, real* D, real* induced) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        real curl_F[N_GAUGE][3], B4[N_GAUGE], e_dot_b = 0, induced_J = 0, induced_K = 0;
        for (int b = 0; b < N_GAUGE; ++b) B4[b] = magnetic_at_site<I>(X, s, b, 0);
        for (int a = FIRST; a < LAST; ++a) {
            const real e = electric_at_site<I>(E, s, a);
            for (int b = 0; b < N_GAUGE; ++b) e_dot_b += g[a * N_GAUGE + b] * e * B4[b];
            for (int i = 0; i < 3; ++i) curl_F[a][i] = 0;
            add_curl_theta_electric<I>(theta, E, s, a, curl_F[a]);
            if (CONDUCTING) {
                real along_J, along_K;
                gradient_theta_electric<I>(theta, E, s, a, along_J, along_K);
                induced_J += g[N_FREE * N_GAUGE + a] * along_J;
                induced_K += g[N_FREE * N_GAUGE + a] * along_K;
            }
        }
        const real scale = real(0.125) * h * inv_dx;
        for (int a = 0; a < N_FREE; ++a) {
            real j = 0, k = 0;
            for (int b = FIRST; b < LAST; ++b) {
                j += g[a * N_GAUGE + b] * curl_F[b][J];
                k += g[a * N_GAUGE + b] * curl_F[b][K];
            }
            component<J>(D, s, a)[c] -= scale * j;
            component<K>(D, s, a)[c] -= scale * k;
        }
        if (CONDUCTING) {
            component<J>(induced, s, N_FREE)[c] += scale * induced_J;
            component<K>(induced, s, N_FREE)[c] += scale * induced_K;
        }
        pi[c] -= real(0.25) * h * inv_dx * e_dot_b;
    } END_SITES
}

KERNEL(link_coordinate, int n, index_t stride, int axis, double h, double inv_dx, const real* g, const real* theta,
       const real* D, real* X, real* E, double* partial) {
    if (axis == 0) { link_coordinate_of<0>(n, stride, h, inv_dx, g, theta, D, X, E, partial); }
    if (axis == 1) { link_coordinate_of<1>(n, stride, h, inv_dx, g, theta, D, X, E, partial); }
    if (axis == 2) { link_coordinate_of<2>(n, stride, h, inv_dx, g, theta, D, X, E, partial); }
}

KERNEL(link_momenta, int n, index_t stride, int axis, double h, double inv_dx, const real* g, const real* theta,
       const real* X, const real* E, real* pi, real* D) {
    if (axis == 0) { link_momenta_of<0, 0, N_FREE>(n, stride, h, inv_dx, g, theta, X, E, pi, D, D); }
    if (axis == 1) { link_momenta_of<1, 0, N_FREE>(n, stride, h, inv_dx, g, theta, X, E, pi, D, D); }
    if (axis == 2) { link_momenta_of<2, 0, N_FREE>(n, stride, h, inv_dx, g, theta, X, E, pi, D, D); }
}

#if CONDUCTING
// A_I += h E_I of the conducting field. Sum of E_I^2.
KERNEL(conducting_coordinate, int n, index_t stride, int axis, double h, const real* E, real* X, double* partial) {
    FOR_SITES_SUM(n, stride, s, LINK_SUMS, sum, partial) {
        const index_t at_axis = (3 * N_FREE + axis) * s.stride + s.at(0, 0, 0);
        const real e = E[at_axis];
        X[at_axis] += h * e;
        ADD(sum, 0, e * e);
    } END_SITES_SUM(n, LINK_SUMS, sum, partial)
}

KERNEL(conducting_momenta, int n, index_t stride, int axis, double h, double inv_dx, const real* g, const real* theta,
       const real* X, real* E, real* pi, real* D) {
    if (axis == 0) { link_momenta_of<0, N_FREE, N_GAUGE>(n, stride, h, inv_dx, g, theta, X, E, pi, D, E); }
    if (axis == 1) { link_momenta_of<1, N_FREE, N_GAUGE>(n, stride, h, inv_dx, g, theta, X, E, pi, D, E); }
    if (axis == 2) { link_momenta_of<2, N_FREE, N_GAUGE>(n, stride, h, inv_dx, g, theta, X, E, pi, D, E); }
}
#endif
