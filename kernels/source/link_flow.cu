// The exact flow of sum_n E_I^2/2 of the free fields over a time h, for one component I (see kick.cu):
//     E_aI = D_aI + inv_dx/8 [theta(n) G_aI(n) + theta(n+I) G_aI(n+I)],   G_aI = 4 dx sum_b g_ab B4_bI,   X_I += h E_I
//     D_J, D_K -= h (backward curl of g Fbar_I)_{J, K},   pi -= h sum_a E4_aI G_aI / (4 dx)
// G, theta and E do not change along it. Neighbours need G, E and F of a site or link, so each is a kernel's result.
// They share one link field: E_I is component I, G_I is J and F_I is K. link_coordinate is for massless fields. Its
// counterpart in massive.cu leaves in E the mean over the flow. X has then moved by h E, and the other kernels need no
// more.

template <int I>
INLINE void felt_magnetic_of(int n, index_t stride, const real* g, const real* X, real* G) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        real B4[N_GAUGE];
        UNROLL for (int b = 0; b < N_FELT; ++b) B4[b] = magnetic_at_site<I>(X, s, b, 0);
        UNROLL for (int a = 0; a < N_FREE; ++a) {
            real felt = 0;
            UNROLL for (int b = 0; b < N_FELT; ++b) felt += g[a * N_GAUGE + b] * B4[b];
            component<(I + 1) % 3>(G, s, a)[c] = felt;
        }
    } END_SITES
}

// 8 g W_aI dx: theta G_aI summed over the two ends of a link.
template <int I, class Site> INLINE real felt_on_link(const real* theta, const real* G, const Site& s, int a) {
    const index_t c = s.at(0, 0, 0), next = at<I>(s, 1, 0, 0);
    const real* of_site = component<(I + 1) % 3>(G, s, a);
    return theta[c] * of_site[c] + theta[next] * of_site[next];
}

template <int I>
INLINE void link_coordinate_of(int n, index_t stride, real h, real inv_dx, const real* theta, const real* D, const real* G, real* E,
                               real* X) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int a = 0; a < N_FREE - MASSIVE; ++a) {
            const real e = component<I>(D, s, a)[c] + real(0.125) * inv_dx * felt_on_link<I>(theta, G, s, a);
            component<I>(E, s, a)[c] = e;
            component<I>(X, s, a)[c] += h * e;
        }
    } END_SITES
}

// 2 F_I = theta [E_I(n) + E_I(n-I)], and the loss of pi.
template <int I, class Site>
INLINE real link_torque_of(real h, real inv_dx, real theta, const real* G, const real* E, real* F, const Site& s) {
    const index_t c = s.at(0, 0, 0), back = at<I>(s, -1, 0, 0);
    real e_dot_b = 0;
    UNROLL for (int a = 0; a < N_FREE; ++a) {
        const real* of_link = component<I>(E, s, a);
        const real twice = of_link[c] + of_link[back];
        e_dot_b += in_f(twice) * in_f(component<(I + 1) % 3>(G, s, a)[c]);
        component<(I + 2) % 3>(F, s, a)[c] = theta * twice;
    }
    return real(0.125) * h * inv_dx * e_dot_b;
}

template <int I>
INLINE void link_torques(int n, index_t stride, real h, real inv_dx, const real* theta, const real* G, const real* E, real* F,
                         real* pi) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        pi[c] -= link_torque_of<I>(h, inv_dx, theta[c], G, E, F, s);
    } END_SITES
}

// And then the drift of theta (kick.cu) over a time of its own, with its sum of pi^2.
template <int I>
INLINE void link_torques_and_drift(int n, index_t stride, real h, real inv_dx, real drift, real a, const real* G, const real* E,
                                   real* F, real* pi, real* theta, double* partial) {
    const real drift_over_a2 = drift / (a * a);
    FOR_SITES_SUM(n, stride, s, link_torque_drift, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        const real momentum = pi[c] - link_torque_of<I>(h, inv_dx, theta[c], G, E, F, s);
        pi[c] = momentum;
        ADD(sum, pi_sq, momentum * momentum);
        theta[c] += drift_over_a2 * momentum;
    } END_SITES_SUM(n, sum, partial)
}

template <int I>
INLINE void link_momenta_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* F, real* D) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        real curl_J[N_GAUGE], curl_K[N_GAUGE];
        UNROLL for (int a = 0; a < N_FREE; ++a) curl_of_mean<I>(component<K>(F, s, a), s, curl_J[a], curl_K[a]);
        const real scale = real(0.125) * h * inv_dx;
        UNROLL for (int a = 0; a < N_GAUGE; ++a) {
            real j = 0, k = 0;
            UNROLL for (int b = 0; b < N_FREE; ++b) {
                j += g[a * N_GAUGE + b] * curl_J[b];
                k += g[a * N_GAUGE + b] * curl_K[b];
            }
            component<J>(D, s, a)[c] -= scale * j;
            component<K>(D, s, a)[c] -= scale * k;
        }
    } END_SITES
}

KERNEL(felt_magnetic, int n, index_t stride, int axis, const real* g, const real* X, real* G) {
    if (axis == 0) { felt_magnetic_of<0>(n, stride, g, X, G); }
    if (axis == 1) { felt_magnetic_of<1>(n, stride, g, X, G); }
    if (axis == 2) { felt_magnetic_of<2>(n, stride, g, X, G); }
}

KERNEL(link_coordinate, int n, index_t stride, int axis, real h, real inv_dx, const real* theta, const real* D, const real* G,
       real* E, real* X) {
    if (axis == 0) { link_coordinate_of<0>(n, stride, h, inv_dx, theta, D, G, E, X); }
    if (axis == 1) { link_coordinate_of<1>(n, stride, h, inv_dx, theta, D, G, E, X); }
    if (axis == 2) { link_coordinate_of<2>(n, stride, h, inv_dx, theta, D, G, E, X); }
}

KERNEL(link_torque, int n, index_t stride, int axis, real h, real inv_dx, const real* theta, const real* G, const real* E,
       real* F, real* pi) {
    if (axis == 0) { link_torques<0>(n, stride, h, inv_dx, theta, G, E, F, pi); }
    if (axis == 1) { link_torques<1>(n, stride, h, inv_dx, theta, G, E, F, pi); }
    if (axis == 2) { link_torques<2>(n, stride, h, inv_dx, theta, G, E, F, pi); }
}

KERNEL(link_torque_drift, int n, index_t stride, int axis, real h, real inv_dx, real drift, real a, const real* G, const real* E,
       real* F, real* pi, real* theta, double* partial) {
    if (axis == 0) { link_torques_and_drift<0>(n, stride, h, inv_dx, drift, a, G, E, F, pi, theta, partial); }
    if (axis == 1) { link_torques_and_drift<1>(n, stride, h, inv_dx, drift, a, G, E, F, pi, theta, partial); }
    if (axis == 2) { link_torques_and_drift<2>(n, stride, h, inv_dx, drift, a, G, E, F, pi, theta, partial); }
}

KERNEL(link_momenta, int n, index_t stride, int axis, real h, real inv_dx, const real* g, const real* F, real* D) {
    if (axis == 0) { link_momenta_of<0>(n, stride, h, inv_dx, g, F, D); }
    if (axis == 1) { link_momenta_of<1>(n, stride, h, inv_dx, g, F, D); }
    if (axis == 2) { link_momenta_of<2>(n, stride, h, inv_dx, g, F, D); }
}
