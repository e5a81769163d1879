// A field A in a conductor (the last field): E' = S - sigma E with S all its sources, A' = E. What evolves is E, because where
// sigma dt is 1e18 E = S/sigma is no difference of D and g W. The flows of a step change D by curls, as of every field, in P = D - E,
// which is -g W between them; what D and g W have changed by since then is the impulse G = P + g W = int S dtau, a difference
// over one step that has the two to four digits less that one step is of W, and E all of the rest. E relaxes under it with S taken as constant on the way (strang.py), and the current that it has driven is
// collected: Q = -D_0 + int J dtau, so that div (D + Q) = 0 is Gauss's law with the charge of the continuity equation.

#if CONDUCTING

// sum_b g_Ab W_bI on a link: theta B averaged onto it.
template <int I, class Site>
INLINE real mixed_theta_magnetic(real inv_dx, const real* g, const real* theta, const real* X, const Site& s) {
    real sum = 0;
    UNROLL for (int b = 0; b < N_SOURCES; ++b) sum += g[N_FREE * N_GAUGE + b] * theta_magnetic<I>(theta, X, s, b);
    return real(0.125) * inv_dx * sum;
}

// E = decay E + gain G, Q += current_E E + current_G G, P = -g W. Adds int sigma E^2 dtau on the way, a quadratic form of E and G.
template <int I, class Site>
INLINE real relax_component(real decay, real gain, real current_E, real current_G, real heat_EE, real heat_EG, real heat_GG,
                            real inv_dx, const real* g, const real* theta, const real* X, real* E, real* D, real* Q,
                            const Site& s) {
    const index_t c = s.at(0, 0, 0);
    real &e = component<I>(E, s, N_FREE)[c], &p = component<I>(D, s, N_FREE)[c], &q = component<I>(Q, s, 0)[c];
    const real gW = mixed_theta_magnetic<I>(inv_dx, g, theta, X, s);
    const real before = e, impulse = p + gW;
    e = decay * before + gain * impulse;
    q += current_E * before + current_G * impulse;
    p = -gW;
    const real x = in_f(before), y = in_f(impulse);
    return heat_EE * x * x + heat_EG * x * y + heat_GG * y * y;
}

KERNEL(relax, int n, index_t stride, real decay, real gain, real current_E, real current_G, real heat_EE,
       real heat_EG, real heat_GG, real inv_dx, const real* g, const real* theta, const real* X, real* E, real* D,
       real* Q, double* partial) {
    FOR_SITES_SUM(n, stride, s, 1, sum, partial) {
        real heat = relax_component<0>(decay, gain, current_E, current_G, heat_EE, heat_EG, heat_GG, inv_dx, g, theta, X, E, D, Q, s);
        heat += relax_component<1>(decay, gain, current_E, current_G, heat_EE, heat_EG, heat_GG, inv_dx, g, theta, X, E, D, Q, s);
        heat += relax_component<2>(decay, gain, current_E, current_G, heat_EE, heat_EG, heat_GG, inv_dx, g, theta, X, E, D, Q, s);
        ADD(sum, 0, heat);
    } END_SITES_SUM(n, 1, sum, partial)
}

// D -= h curl B. Sum of B^2.
KERNEL(conducting_kick, int n, index_t stride, real h, real inv_dx, const real* X, real* D, double* partial) {
    FOR_SITES_SUM(n, stride, s, 1, sum, partial) {
        const Magnetic B = magnetic(X, s, N_FREE);
        UNROLL for (int i = 0; i < 3; ++i) D[(3 * N_FREE + i) * s.stride + s.at(0, 0, 0)] -= h * inv_dx * inv_dx * B.curl[i];
        ADD(sum, 0, inv_dx * inv_dx * magnetic_squared<real>(X, s, N_FREE));
    } END_SITES_SUM(n, 1, sum, partial)
}

// The flow of sum_n E_I^2/2 over a time h_I, of any of the three components; E is constant along it where A is not coupled to itself.
// A_I += h_I E_I. Sum of h_I E_I^2.
KERNEL(conducting_coordinate, int n, index_t stride, real hx, real hy, real hz, const real* E, real* X, double* partial) {
    FOR_SITES_SUM(n, stride, s, 1, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        const real x = component<0>(E, s, N_FREE)[c], y = component<1>(E, s, N_FREE)[c], z = component<2>(E, s, N_FREE)[c];
        component<0>(X, s, N_FREE)[c] += hx * x;
        component<1>(X, s, N_FREE)[c] += hy * y;
        component<2>(X, s, N_FREE)[c] += hz * z;
        ADD(sum, 0, hx * in_f(x) * in_f(x) + hy * in_f(y) * in_f(y) + hz * in_f(z) * in_f(z));
    } END_SITES_SUM(n, 1, sum, partial)
}

// What it does to D and pi, as link_momenta; only where A is felt.
template <int I, class Site>
INLINE real add_flow(real h, const real* g, const real* theta, const real* X, const real* E, const Site& s, real (&curl)[3]) {
    real own[3] = {0, 0, 0}, B4 = 0;
    add_curl_theta_electric<I>(theta, E, s, N_FREE, own);
    UNROLL for (int i = 0; i < 3; ++i) curl[i] += h * own[i];
    UNROLL for (int b = 0; b < N_SOURCES; ++b) B4 += g[N_FREE * N_GAUGE + b] * magnetic_at_site<I>(X, s, b, 0);
    return h * in_f(electric_at_site<I>(E, s, N_FREE)) * in_f(B4);
}

KERNEL(conducting_momenta, int n, index_t stride, real hx, real hy, real hz, real inv_dx, const real* g,
       const real* theta, const real* X, const real* E, real* pi, real* D) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        real curl[3] = {0, 0, 0};
        real e_dot_b = add_flow<0>(hx, g, theta, X, E, s, curl);
        e_dot_b += add_flow<1>(hy, g, theta, X, E, s, curl);
        e_dot_b += add_flow<2>(hz, g, theta, X, E, s, curl);
        UNROLL for (int a = BACK_REACTING ? 0 : N_FREE; a < N_SOURCES; ++a)
            UNROLL for (int i = 0; i < 3; ++i)
                D[(3 * a + i) * s.stride + c] -= real(0.125) * inv_dx * g[a * N_GAUGE + N_FREE] * curl[i];
        if (BACK_REACTING) pi[c] -= real(0.25) * inv_dx * e_dot_b;
    } END_SITES
}

// Sums of (dx div (D + Q))^2, D = E + P, and of the square of the magnitudes of its terms.
KERNEL(charge_residual, int n, index_t stride, const real* E, const real* D, const real* Q, double* partial) {
    FOR_SITES_SUM(n, stride, s, 2, sum, partial) {
        real of_E, of_P, of_Q;
        const real residual = divergence(E, s, N_FREE, of_E) + divergence(D, s, N_FREE, of_P) + divergence(Q, s, 0, of_Q);
        const real magnitudes = of_E + of_P + of_Q;
        ADD(sum, 0, square_in_f(residual));
        ADD(sum, 1, square_in_f(magnitudes));
    } END_SITES_SUM(n, 2, sum, partial)
}

#endif
