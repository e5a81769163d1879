// A stage of a two-register Runge-Kutta scheme (K <- A K + dt U', U <- U + B K) at orders above 2. Between these two
// kernels, those of kick.cu and link_flow.cu add dt U' to the registers: none of them changes a field that another
// reads.

KERNEL(open_stage, int n, index_t stride, real A, real dt, real a, const real* pi, real* k_theta, real* k_pi, real* k_X,
       real* k_D, double* partial) {
    FOR_SITES_SUM(n, stride, s, open_stage, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        ADD(sum, pi_sq, pi[c] * pi[c]);
        k_theta[c] = A * k_theta[c] + dt / (a * a) * pi[c];
        k_pi[c] *= A;
        UNROLL for (int i = 0; i < 3 * N_GAUGE; ++i) {
            k_X[i * stride + c] *= A;
            k_D[i * stride + c] *= A;
        }
    } END_SITES_SUM(n, sum, partial)
}

KERNEL(close_stage, int n, index_t stride, real B, const real* k_theta, const real* k_pi, const real* k_X, const real* k_D,
       real* theta, real* pi, real* X, real* D) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        theta[c] += B * k_theta[c];
        pi[c] += B * k_pi[c];
        UNROLL for (int i = 0; i < 3 * N_GAUGE; ++i) {
            X[i * stride + c] += B * k_X[i * stride + c];
            D[i * stride + c] += B * k_D[i * stride + c];
        }
    } END_SITES
}
