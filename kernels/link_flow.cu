// The exact flow of sum_n E_I^2/2 of the free fields over a time h, for one component I (see kick.cu), in two kernels because
// the second reads E_I at neighbouring links:
//     E_I = D_I + g W_I,   X_I += h E_I
//     D_J, D_K -= h (backward curl of g Fbar_I)_{J, K},   pi -= h sum_ab g_ab E_aI B4_bI
// The first leaves the sum of E_I^2. It is for massless fields; massive.cu has its counterpart, which leaves in E the mean over the
// flow, so that h E is what X has moved by, which is all that the second needs.

#define LINK_SUMS 1

template <int I>
INLINE void link_coordinate_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* theta,
                               const real* D, real* X, real* E, double* partial) {
    FOR_SITES_SUM(n, stride, s, LINK_SUMS, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        real W[N_GAUGE], squares = 0;
        UNROLL for (int b = 0; b < N_FELT; ++b) W[b] = real(0.125) * inv_dx * theta_magnetic<I>(theta, X, s, b);
        UNROLL for (int a = 0; a < N_FREE - MASSIVE; ++a) {
            real e = component<I>(D, s, a)[c];
            UNROLL for (int b = 0; b < N_FELT; ++b) e += g[a * N_GAUGE + b] * W[b];
            component<I>(E, s, a)[c] = e;
            component<I>(X, s, a)[c] += h * e;
            squares += e * e;
        }
        ADD(sum, 0, squares);
    } END_SITES_SUM(n, LINK_SUMS, sum, partial)
}

template <int I>
INLINE void link_momenta_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* theta,
                            const real* X, const real* E, real* pi, real* D) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        real curl_F[N_GAUGE][3], e[N_GAUGE], e_dot_b = 0;
        UNROLL for (int a = 0; a < N_FREE; ++a) {
            e[a] = electric_at_site<I>(E, s, a);
            UNROLL for (int i = 0; i < 3; ++i) curl_F[a][i] = 0;
            add_curl_theta_electric<I>(theta, E, s, a, curl_F[a]);
        }
        UNROLL for (int b = 0; b < N_FELT; ++b) {
            const real B4 = magnetic_at_site<I>(X, s, b, 0);
            UNROLL for (int a = 0; a < N_FREE; ++a) e_dot_b += g[a * N_GAUGE + b] * e[a] * B4;
        }
        const real scale = real(0.125) * h * inv_dx;
        UNROLL for (int a = 0; a < N_GAUGE; ++a) {
            real j = 0, k = 0;
            UNROLL for (int b = 0; b < N_FREE; ++b) {
                j += g[a * N_GAUGE + b] * curl_F[b][J];
                k += g[a * N_GAUGE + b] * curl_F[b][K];
            }
            component<J>(D, s, a)[c] -= scale * j;
            component<K>(D, s, a)[c] -= scale * k;
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
    if (axis == 0) { link_momenta_of<0>(n, stride, h, inv_dx, g, theta, X, E, pi, D); }
    if (axis == 1) { link_momenta_of<1>(n, stride, h, inv_dx, g, theta, X, E, pi, D); }
    if (axis == 2) { link_momenta_of<2>(n, stride, h, inv_dx, g, theta, X, E, pi, D); }
}
