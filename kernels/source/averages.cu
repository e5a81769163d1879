// Sums over the lattice for the time series: theta, theta^2, pi^2, |grad theta|^2, V, then for every gauge field
// E^2, B^2, (dx div D)^2 and (sum of the magnitudes of the terms of dx div D)^2; rows of `partial` in this order.

#define ALP_SUMS 5
#define GAUGE_SUMS 4
#define ALL_SUMS (ALP_SUMS + GAUGE_SUMS * N_GAUGE)

KERNEL(averages, int n, index_t stride, real mass_squared, real inv_dx, const real* theta, const real* pi,
                const real* X, const real* D, const real* E, double* partial) {
    FOR_SITES_SUM(n, stride, s, ALL_SUMS, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        ADD(sum, 0, theta[c]);
        ADD(sum, 1, theta[c] * theta[c]);
        ADD(sum, 2, pi[c] * pi[c]);
        ADD(sum, 3, inv_dx * inv_dx * gradient_squared(theta, s));
        ADD(sum, 4, potential(theta[c], mass_squared));
        UNROLL for (int a = 0; a < N_GAUGE; ++a) {
            real magnitudes;
            const real div = divergence(D, s, a, magnitudes);
            const int first = ALP_SUMS + GAUGE_SUMS * a;
            ADD(sum, first, electric_squared<double>(E, s, a));
            ADD(sum, first + 1, inv_dx * inv_dx * magnetic_squared<double>(X, s, a));
            ADD(sum, first + 2, square_in_f(div));
            ADD(sum, first + 3, square_in_f(magnitudes));
        }
    } END_SITES_SUM(n, ALL_SUMS, sum, partial)
}
