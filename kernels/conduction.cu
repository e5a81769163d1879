// A field A in a conductor (the last field): E' = S - sigma E with S all its sources, A' = E, rho' = -div sigma E.
// E is what evolves: where sigma dt is 1e18, E = S/sigma is no difference of D and g W. Over a half step the flows of the others
// give the impulse G = int S dtau in D's place, exact to rounding; then E relaxes, with S taken as constant on the way
// (strang_conducting.py). Charge counts everything that has left D = E - g W, whose own change is a curl otherwise.

#if CONDUCTING

// sum_b g_Ab W_bI(f, X) on a link: theta B averaged onto it, with f for theta.
template <int I, class Site>
INLINE real mixed_theta_magnetic(real inv_dx, const real* g, const real* f, const real* X, const Site& s) {
    real sum = 0;
    for (int b = 0; b < N_GAUGE; ++b) sum += g[N_FREE * N_GAUGE + b] * theta_magnetic<I>(f, X, s, b);
    return real(0.125) * inv_dx * sum;
}

// G += g W(h pi/a^2, X): what the drift of theta does to g W.
KERNEL(induction, int n, index_t stride, double h, double a, double inv_dx, const real* g, const real* pi, const real* X,
       real* D) {
    const real h_over_a2 = h / (a * a);
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        component<0>(D, s, N_FREE)[c] += h_over_a2 * mixed_theta_magnetic<0>(inv_dx, g, pi, X, s);
        component<1>(D, s, N_FREE)[c] += h_over_a2 * mixed_theta_magnetic<1>(inv_dx, g, pi, X, s);
        component<2>(D, s, N_FREE)[c] += h_over_a2 * mixed_theta_magnetic<2>(inv_dx, g, pi, X, s);
    } END_SITES
}

// rho -= div(of_E E + of_D D). With the shares of E and G that become current this is the continuity equation. Sum of the
// square of the magnitudes of the terms of dx times what is subtracted: what the rounding of rho is measured against.
KERNEL(charge, int n, index_t stride, double of_E, double of_D, double inv_dx, const real* E, const real* D, real* rho,
       double* partial) {
    FOR_SITES_SUM(n, stride, s, 1, sum, partial) {
        real size_E, size_D;
        const real moved = of_E * divergence(E, s, N_FREE, size_E) + of_D * divergence(D, s, N_FREE, size_D);
        const real size = fabs(of_E) * size_E + fabs(of_D) * size_D;
        ADD(sum, 0, size * size);
        rho[s.at(0, 0, 0)] -= inv_dx * moved;
    } END_SITES_SUM(n, 1, sum, partial)
}

// E = decay E + gain G, G = 0. Sum of int sigma E^2 dtau on the way, a quadratic form of E and G.
KERNEL(relax, int n, index_t stride, double decay, double gain, double heat_EE, double heat_EG, double heat_GG, real* E,
       real* D, double* partial) {
    FOR_SITES_SUM(n, stride, s, 1, sum, partial) {
        real heat = 0;
        for (int i = 0; i < 3; ++i) {
            const index_t c = (3 * N_FREE + i) * s.stride + s.at(0, 0, 0);
            const real e = E[c], impulse = D[c];
            heat += heat_EE * e * e + heat_EG * e * impulse + heat_GG * impulse * impulse;
            E[c] = decay * e + gain * impulse;
            D[c] = 0;
        }
        ADD(sum, 0, heat);
    } END_SITES_SUM(n, 1, sum, partial)
}

// D = E - g W, between steps, when D holds no impulse.
KERNEL(displacement, int n, index_t stride, double inv_dx, const real* g, const real* theta, const real* X, const real* E,
       real* D) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        component<0>(D, s, N_FREE)[c] = component<0>(E, s, N_FREE)[c] - mixed_theta_magnetic<0>(inv_dx, g, theta, X, s);
        component<1>(D, s, N_FREE)[c] = component<1>(E, s, N_FREE)[c] - mixed_theta_magnetic<1>(inv_dx, g, theta, X, s);
        component<2>(D, s, N_FREE)[c] = component<2>(E, s, N_FREE)[c] - mixed_theta_magnetic<2>(inv_dx, g, theta, X, s);
    } END_SITES
}

// Sums of dx^2 (div D - rho)^2 and of the square of the magnitudes of the terms of dx div D.
KERNEL(charge_residual, int n, index_t stride, double dx, const real* D, const real* rho, double* partial) {
    FOR_SITES_SUM(n, stride, s, 2, sum, partial) {
        real magnitudes;
        const real residual = divergence(D, s, N_FREE, magnitudes) - dx * rho[s.at(0, 0, 0)];
        ADD(sum, 0, residual * residual);
        ADD(sum, 1, magnitudes * magnitudes);
    } END_SITES_SUM(n, 2, sum, partial)
}

#endif
