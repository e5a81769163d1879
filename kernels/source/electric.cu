// E_a = D_a + sum_b g_ab W_b on every link; W_b is theta B_b averaged onto the link. A conducting field has E already.

template <int I, class Site>
INLINE void electric_component(real inv_dx, const real* g, const real* theta, const real* X, const real* D, real* E,
                               const Site& s) {
    const index_t c = s.at(0, 0, 0);
    real W[N_GAUGE];
    UNROLL for (int b = 0; b < N_FELT; ++b) W[b] = real(0.125) * inv_dx * theta_magnetic<I>(theta, X, s, b);
    UNROLL for (int a = 0; a < N_FREE; ++a) {
        real e = component<I>(D, s, a)[c];
        UNROLL for (int b = 0; b < N_FELT; ++b) e += g[a * N_GAUGE + b] * W[b];
        component<I>(E, s, a)[c] = e;
    }
}

KERNEL(electric, int n, index_t stride, real inv_dx, const real* g, const real* theta, const real* X, const real* D,
                real* E) {
    FOR_SITES(n, stride, s) {
        electric_component<0>(inv_dx, g, theta, X, D, E, s);
        electric_component<1>(inv_dx, g, theta, X, D, E, s);
        electric_component<2>(inv_dx, g, theta, X, D, E, s);
    } END_SITES
}
