// A field A in a conductor (the last field): E' = S - sigma E with S all its sources, A' = E. E itself evolves: where
// sigma dt is 1e18, E = S/sigma cannot be had as a difference of D and g W. Before a step P = D - E is -g W. The flows
// of the step add curls to P, as to D of every field. The changes of D and g W since then make the impulse G = P + g W
// = int S dtau. As a difference over one step it loses two to four digits; E is as accurate as G. E relaxes under G
// with S constant on the way. The current that E has driven is collected in Q = -D_0 + int J dtau. Gauss's law is then
// div (D + Q) = 0, with the charge of the continuity equation.

// E = decay E + gain G, Q += current_E E + current_G G, P = -g W, of which M are the sources. Adds int sigma E^2 dtau on the way, a
// quadratic form of E and G.
template <int I, class Site>
INLINE real relax_component(real decay, real gain, real current_E, real current_G, real heat_EE, real heat_EG, real heat_GG,
                            real inv_dx, const real* theta, const real* M, real* E, real* D, real* Q, const Site& s) {
    const index_t c = s.at(0, 0, 0);
    real &e = component<I>(E, s, N_FREE)[c], &p = component<I>(D, s, N_FREE)[c], &q = component<I>(Q, s, 0)[c];
    const real gW = real(0.125) * inv_dx * theta_sum<I>(theta, component<I>(M, s, 0), s);
    const real before = e, impulse = p + gW;
    e = decay * before + gain * impulse;
    q += current_E * before + current_G * impulse;
    p = -gW;
    const real x = in_f(before), y = in_f(impulse);
    return heat_EE * x * x + heat_EG * x * y + heat_GG * y * y;
}

KERNEL(relax, int n, index_t stride, real decay, real gain, real current_E, real current_G, real heat_EE, real heat_EG, real heat_GG,
       real inv_dx, const real* theta, const real* M, real* E, real* D, real* Q, double* partial) {
    FOR_SITES_SUM(n, stride, s, relax, sum, partial) {
        real heat = relax_component<0>(decay, gain, current_E, current_G, heat_EE, heat_EG, heat_GG, inv_dx, theta, M, E, D, Q, s);
        heat += relax_component<1>(decay, gain, current_E, current_G, heat_EE, heat_EG, heat_GG, inv_dx, theta, M, E, D, Q, s);
        heat += relax_component<2>(decay, gain, current_E, current_G, heat_EE, heat_EG, heat_GG, inv_dx, theta, M, E, D, Q, s);
        ADD(sum, heat, heat);
    } END_SITES_SUM(n, sum, partial)
}

// dx B on the plaquettes.
KERNEL(conducting_plaquettes, int n, index_t stride, const real* X, real* B) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        component<0>(B, s, 0)[c] = plaquette<0>(X, s, N_FREE);
        component<1>(B, s, 0)[c] = plaquette<1>(X, s, N_FREE);
        component<2>(B, s, 0)[c] = plaquette<2>(X, s, N_FREE);
    } END_SITES
}

// D -= h curl B, from plaquettes.
KERNEL(conducting_kick, int n, index_t stride, real h, real inv_dx, const real* B, real* D) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        component<0>(D, s, N_FREE)[c] -= h * inv_dx * inv_dx * curl_back<0>(B, s, 0);
        component<1>(D, s, N_FREE)[c] -= h * inv_dx * inv_dx * curl_back<1>(B, s, 0);
        component<2>(D, s, N_FREE)[c] -= h * inv_dx * inv_dx * curl_back<2>(B, s, 0);
    } END_SITES
}

// The flow of sum_n E_I^2/2 over a time h_I, of any of the three components. E is constant along it where A is not
// coupled to itself. A_I += h_I E_I.
KERNEL(conducting_coordinate, int n, index_t stride, real hx, real hy, real hz, const real* E, real* X) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        component<0>(X, s, N_FREE)[c] += hx * component<0>(E, s, N_FREE)[c];
        component<1>(X, s, N_FREE)[c] += hy * component<1>(E, s, N_FREE)[c];
        component<2>(X, s, N_FREE)[c] += hz * component<2>(E, s, N_FREE)[c];
    } END_SITES
}

// The changes of pi and D by this flow, as in link_torque and link_momenta; only where A is felt. M has been made, and
// 2 F = 2 theta A_I^- E takes its place.
template <int I, class Site>
INLINE real conducting_torque_of(const real* theta, const real* E, real* M, const Site& s) {
    const index_t c = s.at(0, 0, 0);
    const real twice = backward_sum<I>(component<I>(E, s, N_FREE), s);
    const real torque = in_f(twice) * in_f(component<I>(M, s, 0)[c]);
    component<I>(M, s, 0)[c] = theta[c] * twice;
    return torque;
}

KERNEL(conducting_torque, int n, index_t stride, real hx, real hy, real hz, real inv_dx, const real* theta, const real* E,
       real* M, real* pi) {
    FOR_SITES(n, stride, s) {
        real e_dot_b = hx * conducting_torque_of<0>(theta, E, M, s);
        e_dot_b += hy * conducting_torque_of<1>(theta, E, M, s);
        e_dot_b += hz * conducting_torque_of<2>(theta, E, M, s);
        if (BACK_REACTING) pi[s.at(0, 0, 0)] -= real(0.125) * inv_dx * e_dot_b;
    } END_SITES
}

// Sums of (dx div (D + Q))^2, D = E + P, and of the square of the magnitudes of its terms.
KERNEL(charge_residual, int n, index_t stride, const real* E, const real* D, const real* Q, double* partial) {
    FOR_SITES_SUM(n, stride, s, charge_residual, sum, partial) {
        real of_E, of_P, of_Q;
        const real residual = divergence(E, s, N_FREE, of_E) + divergence(D, s, N_FREE, of_P) + divergence(Q, s, 0, of_Q);
        const real magnitudes = of_E + of_P + of_Q;
        ADD(sum, gauss, square_in_f(residual));
        ADD(sum, gauss_terms, square_in_f(magnitudes));
    } END_SITES_SUM(n, sum, partial)
}
