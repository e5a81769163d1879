// The exact flow of sum_n E_I^2/2 of the free fields over a time h, for one component I (see kick.cu):
//     E_aI = D_aI + inv_dx/4 A_I^+(theta G_aI),   G_aI = 4 dx sum_b g_ab B4_bI,   X_I += h E_I
//     D_J, D_K -= h (backward curl of g Fbar_I)_{J, K},   pi -= h sum_a E4_aI G_aI / (4 dx)
// G, theta and E do not change along it. Neighbours need G, E and F of a site or link, so each is a kernel's result.
// They share one link field: E_I is component I, G_I is J and F_I is K. G and the last line are in second_order_flow.cu
// and, for higher orders, in link_means.cu. link_coordinate is for massless fields. Its counterpart in massive.cu
// leaves in E the mean over the flow. X has then moved by h E, and the other kernels need no more.

// 8 g W_aI dx: twice the mean on a link of theta G_aI.
template <int I, class Site> INLINE real felt_on_link(const real* theta, const real* G, const Site& s, int a) {
    return theta_sum<I>(theta, component<(I + 1) % 3>(G, s, a), s);
}

// E on a link, from twice the mean of theta G there.
INLINE real link_electric(real d, real inv_dx, real felt) { return d + real(0.125) * inv_dx * felt; }

template <int I>
INLINE void link_coordinate_of(int n, index_t stride, real h, real inv_dx, const real* theta, const real* D, const real* G, real* E,
                               real* X) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int a = 0; a < N_FREE - MASSIVE; ++a) {
            const real e = link_electric(component<I>(D, s, a)[c], inv_dx, felt_on_link<I>(theta, G, s, a));
            component<I>(E, s, a)[c] = e;
            component<I>(X, s, a)[c] += h * e;
        }
    } END_SITES
}

// 2 F_I = 2 theta A_I^- E_I, given to store(a, 2 F), and the loss of pi. Of field a, electric(a) is 2 A_I^- E_I, felt(a) is G_I.
template <class Electric, class Felt, class Store>
INLINE real link_torque_from(real h, real inv_dx, real theta, Electric electric, Felt felt, Store store) {
    real e_dot_b = 0;
    UNROLL for (int a = 0; a < N_FREE; ++a) {
        const real twice = electric(a);
        e_dot_b += in_f(twice) * in_f(felt(a));
        store(a, theta * twice);
    }
    return real(0.125) * h * inv_dx * e_dot_b;
}
template <int I, class Site>
INLINE real link_torque_of(real h, real inv_dx, real theta, const real* G, const real* E, real* F, const Site& s) {
    const index_t c = s.at(0, 0, 0);
    return link_torque_from(
        h, inv_dx, theta, [&](int a) { return backward_sum<I>(component<I>(E, s, a), s); },
        [&](int a) { return component<(I + 1) % 3>(G, s, a)[c]; },
        [&](int a, real force) { component<(I + 2) % 3>(F, s, a)[c] = force; });
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
