// What a site does in the flow of one component I of E^2/2, for the fused kernels of every order; for CUDA alone.

struct Flow {
    real coordinate_h, coordinate_inv_dx, torque_h, torque_inv_dx, momenta_h, momenta_inv_dx, drift_over_a2;
    const real *g, *theta, *X_JK, *D_I;
    real *X_I, *pi, *D_JK, *F_K, *theta_next;
    double* partial;
};

// electric(a, x) is E_I of field a at the site displaced by x along I; felt(a) is its G. They become F there. At the
// thread's own sites X and pi move, and theta, whose pi^2 goes to drifted(pi^2).
template <int I, bool DRIFT, class Electric, class Felt, class Drifted>
INLINE void flow_at_site(const Flow& f, const Site& s, bool own, real theta, Felt felt, Electric electric, real (&force)[N_FREE],
                         Drifted drifted) {
    const index_t c = s.at(0, 0, 0);
    const real torque = link_torque_from(
        f.torque_h, f.torque_inv_dx, theta, [&](int a) { return backward_sum_of([&](int x) { return electric(a, x); }); }, felt,
        [&](int a, real twice) { force[a] = twice; });
    if (!own) return;
    UNROLL for (int a = 0; a < N_FREE; ++a) component<I>(f.X_I, s, a)[c] += f.coordinate_h * electric(a, 0);
    const real momentum = f.pi[c] - torque;
    f.pi[c] = momentum;
    if (DRIFT) {
        drifted(double(momentum * momentum));
        f.theta_next[c] = theta + f.drift_over_a2 * momentum;
    }
}
