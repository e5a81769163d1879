// Exact flows of parts of the lattice Hamiltonian, for split-step integrators (lattice/integrators/strang.py):
//     H = sum_n pi^2/(2 a^2) + [a^2 |grad theta|^2/2 + a^4 V + B^2/2] + E_x^2/2 + E_y^2/2 + E_z^2/2,   E = D + g W(theta, X)
// The bracket moves momenta alone and pi^2/(2 a^2) moves theta alone. E_I depends on D_I, theta and the components of X
// other than I, and its flow moves none of these. E_I is therefore constant along its own flow, which is exact too. The
// ALP's terms are summed on the way, for the work of expansion, each in its own flow, along which it is constant.
// Massless fields are radiation, and have no part in it.

// dx B of the free fields, component I on the plaquette across I.
KERNEL(plaquettes, int n, index_t stride, const real* X, real* B) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int b = 0; b < N_FREE; ++b) {
            component<0>(B, s, b)[c] = plaquette<0>(X, s, b);
            component<1>(B, s, b)[c] = plaquette<1>(X, s, b);
            component<2>(B, s, b)[c] = plaquette<2>(X, s, b);
        }
    } END_SITES
}

// Of theta with its Laplacian: the force on pi, and |grad theta|^2 + 4 a^2 V with -theta lap theta for the square, which has
// the same sum.
INLINE real alp_force(real theta, real lap, real a2, real mass_squared) {
    return a2 * lap - a2 * a2 * potential_slope(theta, mass_squared);
}
INLINE auto alp_trace(real theta, real lap, real a2, real mass_squared) {
    return 4 * a2 * potential(theta, mass_squared) - theta * lap;
}

// pi += h (a^2 lap theta - a^4 dV/dtheta), and of the free fields D -= h curl B, from plaquettes. Sum of |grad theta|^2 + 4 a^2 V.
KERNEL(kick, int n, index_t stride, real h, real a, real mass_squared, real inv_dx, const real* theta,
       const real* B, real* pi, real* D, double* partial) {
    const real a2 = a * a, inv_dx2 = inv_dx * inv_dx;
    FOR_SITES_SUM(n, stride, s, kick, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        const real th = theta[c], lap = inv_dx2 * laplacian(theta, s);
        ADD(sum, trace, alp_trace(th, lap, a2, mass_squared));
        pi[c] += h * alp_force(th, lap, a2, mass_squared);
        UNROLL for (int b = 0; b < N_FREE; ++b) {
            component<0>(D, s, b)[c] -= h * inv_dx2 * curl_back<0>(B, s, b);
            component<1>(D, s, b)[c] -= h * inv_dx2 * curl_back<1>(B, s, b);
            component<2>(D, s, b)[c] -= h * inv_dx2 * curl_back<2>(B, s, b);
        }
    } END_SITES_SUM(n, sum, partial)
}

// theta += h pi / a^2. Sum of pi^2.
KERNEL(drift, int n, index_t stride, real h, real a, const real* pi, real* theta, double* partial) {
    const real h_over_a2 = h / (a * a);
    FOR_SITES_SUM(n, stride, s, drift, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        const real momentum = pi[c];
        ADD(sum, pi_sq, momentum * momentum);
        theta[c] += h_over_a2 * momentum;
    } END_SITES_SUM(n, sum, partial)
}
