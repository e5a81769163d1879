// Exact flows of parts of the lattice Hamiltonian, for split-step integrators (lattice/integrators/strang.py):
//     H = sum_n pi^2/(2 a^2) + [a^2 |grad theta|^2/2 + a^4 V + B^2/2] + E_x^2/2 + E_y^2/2 + E_z^2/2,   E = D + g W(theta, X)
// The bracket moves momenta alone and pi^2/(2 a^2) moves theta alone. E_I depends on D_I, theta and the components of X
// other than I, and these it does not move: E_I is constant along its own flow, which is therefore exact too.
// Each flow leaves the sums that the work of expansion needs: of its own term, where that term is at hand.

#define KICK_SUMS 3
#define DRIFT_SUMS 1

// pi += h (a^2 lap theta - a^4 dV/dtheta), and of the free fields D -= h curl B. Sums of |grad theta|^2, V and B^2.
KERNEL(kick, int n, index_t stride, double h, double a, double mass_squared, double inv_dx, const real* theta,
       const real* X, real* pi, real* D, double* partial) {
    const real a2 = a * a, inv_dx2 = inv_dx * inv_dx;
    FOR_SITES_SUM(n, stride, s, KICK_SUMS, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        Magnetic B[N_GAUGE];
        real squares = 0;
        UNROLL for (int b = 0; b < N_FREE; ++b) {
            B[b] = magnetic(X, s, b);
            squares += B[b].squared;
        }
        const real th = theta[c];
        const real force = a2 * inv_dx2 * laplacian(theta, s) - a2 * a2 * potential_slope(th, mass_squared);
        ADD(sum, 2, inv_dx2 * squares);
        ADD(sum, 0, inv_dx2 * gradient_squared(theta, s));
        ADD(sum, 1, potential(th, mass_squared));
        pi[c] += h * force;
        UNROLL for (int b = 0; b < N_FREE; ++b)
            UNROLL for (int i = 0; i < 3; ++i) D[(3 * b + i) * s.stride + c] -= h * inv_dx2 * B[b].curl[i];
    } END_SITES_SUM(n, KICK_SUMS, sum, partial)
}

// theta += h pi / a^2. Sum of pi^2.
KERNEL(drift, int n, index_t stride, double h, double a, const real* pi, real* theta, double* partial) {
    const real h_over_a2 = h / (a * a);
    FOR_SITES_SUM(n, stride, s, DRIFT_SUMS, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        const real momentum = pi[c];
        ADD(sum, 0, momentum * momentum);
        theta[c] += h_over_a2 * momentum;
    } END_SITES_SUM(n, DRIFT_SUMS, sum, partial)
}
