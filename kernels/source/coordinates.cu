// The coordinates' half of a stage of a two-register Runge-Kutta scheme (K <- A K + dt U', U <- U + B K):
//     X' = E, theta' = pi / a^2
// It comes after the momenta's half, which reads theta and X at neighbouring sites and has filled theta's register.

KERNEL(coordinates, int n, index_t stride, real A, real B, real dt, const real* E, const real* k_theta, real* k_X,
                   real* theta, real* X) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        theta[c] += B * k_theta[c];
        UNROLL for (int i = 0; i < 3 * N_GAUGE; ++i) {
            const real k = A * k_X[i * stride + c] + dt * E[i * stride + c];
            k_X[i * stride + c] = k;
            X[i * stride + c] += B * k;
        }
    } END_SITES
}
