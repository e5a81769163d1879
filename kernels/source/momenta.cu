// The momenta's half of a stage of a two-register Runge-Kutta scheme (K <- A K + dt U', U <- U + B K):
//     pi'  = a^2 lap theta - a^4 dV/dtheta - sum_ab g_ab E_a.B_b          (pi = a^2 theta')
//     D_a' = -(backward curl of H_a),  H_a = B_a + sum_b g_ab Fbar_b
// theta, X and E are taken at the stage's start. So is the pi in the register of theta' = pi / a^2: it is taken here
// because pi changes here. On the way the kernel sums pi^2, |grad theta|^2 and V over the lattice, for the work of
// expansion.

template <int I, class Site>
INLINE void advance_link(real A, real B, real dt, real rate, real* D, real* k_D, const Site& s, int a) {
    const index_t c = s.at(0, 0, 0);
    real* k = component<I>(k_D, s, a) + c;
    const real updated = A * *k + dt * rate;
    *k = updated;
    component<I>(D, s, a)[c] += B * updated;
}

KERNEL(momenta, int n, index_t stride, real A, real B, real dt, real a, real mass_squared, real inv_dx,
               const real* g, const real* theta, const real* X, const real* E, real* pi, real* D,
               real* k_theta, real* k_pi, real* k_D, double* partial) {
    const real a2 = a * a, inv_dx2 = inv_dx * inv_dx;
    FOR_SITES_SUM(n, stride, s, momenta, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        Magnetic B_[N_GAUGE];
        real e_dot_b = 0;
        UNROLL for (int b = 0; b < N_GAUGE; ++b) B_[b] = magnetic(X, s, b);
        UNROLL for (int p = 0; p < N_GAUGE; ++p) {
            const real x = in_f(electric_at_site<0>(E, s, p)), y = in_f(electric_at_site<1>(E, s, p)), z = in_f(electric_at_site<2>(E, s, p));
            UNROLL for (int q = 0; q < N_GAUGE; ++q)
                e_dot_b += g[p * N_GAUGE + q] * (x * in_f(B_[q].at_site[0]) + y * in_f(B_[q].at_site[1]) + z * in_f(B_[q].at_site[2]));
        }
        const real th = theta[c], momentum = pi[c];
        ADD(sum, pi_sq, momentum * momentum);
        ADD(sum, grad_sq, inv_dx2 * nearest_gradient_squared(theta, s));
        ADD(sum, potential, potential(th, mass_squared));

        const real force = a2 * inv_dx2 * nearest_laplacian(theta, s) - a2 * a2 * potential_slope(th, mass_squared)
                         - real(0.25) * inv_dx * e_dot_b;
        k_theta[c] = A * k_theta[c] + dt / a2 * momentum;
        const real k = A * k_pi[c] + dt * force;
        k_pi[c] = k;
        pi[c] = momentum + B * k;

        real curl_F[N_GAUGE][3];
        UNROLL for (int b = 0; b < N_GAUGE; ++b) {
            UNROLL for (int i = 0; i < 3; ++i) curl_F[b][i] = 0;
            add_curl_theta_electric<0>(theta, E, s, b, curl_F[b]);
            add_curl_theta_electric<1>(theta, E, s, b, curl_F[b]);
            add_curl_theta_electric<2>(theta, E, s, b, curl_F[b]);
        }
        UNROLL for (int p = 0; p < N_GAUGE; ++p) {
            real rate[3];  // -curl H
            UNROLL for (int i = 0; i < 3; ++i) {
                real mixed = 0;
                UNROLL for (int q = 0; q < N_GAUGE; ++q) mixed += g[p * N_GAUGE + q] * curl_F[q][i];
                rate[i] = -inv_dx * (inv_dx * B_[p].curl[i] + real(0.125) * mixed);
            }
            advance_link<0>(A, B, dt, rate[0], D, k_D, s, p);
            advance_link<1>(A, B, dt, rate[1], D, k_D, s, p);
            advance_link<2>(A, B, dt, rate[2], D, k_D, s, p);
        }
    } END_SITES_SUM(n, sum, partial)
}
