// Sums over the lattice for the time series: theta, theta^2, pi^2, |grad theta|^2 and V. Then for every gauge field
// E^2, B^2, (dx div D)^2 and (sum of the magnitudes of the terms of dx div D)^2.

KERNEL(averages, int n, index_t stride, real mass_squared, real inv_dx, const real* theta, const real* pi,
                const real* X, const real* D, const real* E, double* partial) {
    FOR_SITES_SUM(n, stride, s, averages, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        ADD(sum, theta, theta[c]);
        ADD(sum, theta_sq, theta[c] * theta[c]);
        ADD(sum, pi_sq, pi[c] * pi[c]);
        ADD(sum, grad_sq, inv_dx * inv_dx * gradient_squared(theta, s));
        ADD(sum, potential, potential(theta[c], mass_squared));
        UNROLL for (int a = 0; a < N_GAUGE; ++a) {
            real magnitudes;
            const real div = divergence(D, s, a, magnitudes);
            ADD_OF_FIELD(sum, a, E_sq, electric_squared<double>(E, s, a));
            ADD_OF_FIELD(sum, a, B_sq, inv_dx * inv_dx * magnetic_squared<double>(X, s, a));
            ADD_OF_FIELD(sum, a, gauss, square_in_f(div));
            ADD_OF_FIELD(sum, a, gauss_terms, square_in_f(magnitudes));
        }
    } END_SITES_SUM(n, sum, partial)
}
