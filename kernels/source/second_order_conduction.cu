// B4 of the sources of the conducting field, and the curl of its Fbar, at order 2: straight from X, and from F.

// 4 dx sum_b g_Ab B4_b at the sites, all components.
KERNEL(source_magnetic, int n, index_t stride, const real* g, const real* X, real* M) {
    FOR_SITES(n, stride, s) {
        real x = 0, y = 0, z = 0;
        UNROLL for (int b = 0; b < N_SOURCES; ++b) {
            const real coupling = g[N_FREE * N_GAUGE + b];
            x += coupling * magnetic_at_site<0>(X, s, b, 0);
            y += coupling * magnetic_at_site<1>(X, s, b, 0);
            z += coupling * magnetic_at_site<2>(X, s, b, 0);
        }
        const index_t c = s.at(0, 0, 0);
        component<0>(M, s, 0)[c] = x;
        component<1>(M, s, 0)[c] = y;
        component<2>(M, s, 0)[c] = z;
    } END_SITES
}

KERNEL(conducting_momenta, int n, index_t stride, real hx, real hy, real hz, real inv_dx, const real* g, const real* F, real* D) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        real y_of_x, z_of_x, z_of_y, x_of_y, x_of_z, y_of_z;
        curl_of_mean<0>(component<0>(F, s, 0), s, y_of_x, z_of_x);
        curl_of_mean<1>(component<1>(F, s, 0), s, z_of_y, x_of_y);
        curl_of_mean<2>(component<2>(F, s, 0), s, x_of_z, y_of_z);
        const real curl[3] = {hy * x_of_y + hz * x_of_z, hz * y_of_z + hx * y_of_x, hx * z_of_x + hy * z_of_y};
        UNROLL for (int a = BACK_REACTING ? 0 : N_FREE; a < N_SOURCES; ++a)
            UNROLL for (int i = 0; i < 3; ++i)
                D[(3 * a + i) * s.stride + c] -= real(0.125) * inv_dx * g[a * N_GAUGE + N_FREE] * curl[i];
    } END_SITES
}
