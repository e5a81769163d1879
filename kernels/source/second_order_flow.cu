// The first and the last kernel of a component's flow (link_flow.cu) at order 2: straight from X, and from F.

// G_aI of all free fields at a site, each given to store(a, G).
template <int I, class Site, class Store> INLINE void felt_at_site(const real* g, const real* X, const Site& s, Store store) {
    real B4[N_GAUGE];
    UNROLL for (int b = 0; b < N_FELT; ++b) B4[b] = magnetic_at_site<I>(X, s, b, 0);
    UNROLL for (int a = 0; a < N_FREE; ++a) {
        real felt = 0;
        UNROLL for (int b = 0; b < N_FELT; ++b) felt += g[a * N_GAUGE + b] * B4[b];
        store(a, felt);
    }
}

template <int I>
INLINE void felt_magnetic_of(int n, index_t stride, const real* g, const real* X, real* G) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        felt_at_site<I>(g, X, s, [&](int a, real felt) { component<(I + 1) % 3>(G, s, a)[c] = felt; });
    } END_SITES
}

template <int I>
INLINE void link_momenta_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* F, real* D) {
    constexpr int K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        real curl_J[N_GAUGE], curl_K[N_GAUGE];
        UNROLL for (int a = 0; a < N_FREE; ++a) curl_of_mean<I>(component<K>(F, s, a), s, curl_J[a], curl_K[a]);
        subtract_curls<I>(D, s, h, inv_dx, g, curl_J, curl_K);
    } END_SITES
}

KERNEL(felt_magnetic, int n, index_t stride, int axis, const real* g, const real* X, real* G) {
    if (axis == 0) { felt_magnetic_of<0>(n, stride, g, X, G); }
    if (axis == 1) { felt_magnetic_of<1>(n, stride, g, X, G); }
    if (axis == 2) { felt_magnetic_of<2>(n, stride, g, X, G); }
}

KERNEL(link_momenta, int n, index_t stride, int axis, real h, real inv_dx, const real* g, const real* F, real* D) {
    if (axis == 0) { link_momenta_of<0>(n, stride, h, inv_dx, g, F, D); }
    if (axis == 1) { link_momenta_of<1>(n, stride, h, inv_dx, g, F, D); }
    if (axis == 2) { link_momenta_of<2>(n, stride, h, inv_dx, g, F, D); }
}
