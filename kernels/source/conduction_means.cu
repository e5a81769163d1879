// B4 of the sources of the conducting field (conduction.cu), and the curl of its Fbar, at orders above 2, one component I
// after the other. The means between are stored, as in link_means.cu: U, V have those along J in component J, along K in K.

template <int I>
INLINE void source_means_of(int n, index_t stride, const real* g, const real* X, real* U) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        real j = 0, k = 0;
        UNROLL for (int b = 0; b < N_SOURCES; ++b) {
            const real coupling = g[N_FREE * N_GAUGE + b];
            j += coupling * backward_sum<J>(component<J>(X, s, b), s);
            k += coupling * backward_sum<K>(component<K>(X, s, b), s);
        }
        const index_t c = s.at(0, 0, 0);
        component<J>(U, s, 0)[c] = j;
        component<K>(U, s, 0)[c] = k;
    } END_SITES
}

// 4 dx sum_b g_Ab B4_b at the sites, component I.
template <int I>
INLINE void source_of_means_of(int n, index_t stride, const real* U, real* M) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        component<I>(M, s, 0)[s.at(0, 0, 0)] = central_difference<J>(component<K>(U, s, 0), s)
                                             - central_difference<K>(component<J>(U, s, 0), s);
    } END_SITES
}

template <int I>
INLINE void conducting_means_of(int n, index_t stride, const real* F, real* V) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        const real* of_site = component<I>(F, s, 0);
        component<J>(V, s, 0)[c] = forward_sum<J>(of_site, s);
        component<K>(V, s, 0)[c] = forward_sum<K>(of_site, s);
    } END_SITES
}

template <int I>
INLINE void conducting_momenta_of_means_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* V, real* D) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        const real scale = real(0.125) * h * inv_dx;
        const real curl_J = scale * central_difference<K>(component<J>(V, s, 0), s);
        const real curl_K = -scale * central_difference<J>(component<K>(V, s, 0), s);
        UNROLL for (int a = BACK_REACTING ? 0 : N_FREE; a < N_SOURCES; ++a) {
            component<J>(D, s, a)[c] -= g[a * N_GAUGE + N_FREE] * curl_J;
            component<K>(D, s, a)[c] -= g[a * N_GAUGE + N_FREE] * curl_K;
        }
    } END_SITES
}

KERNEL(source_means, int n, index_t stride, int axis, const real* g, const real* X, real* U) {
    if (axis == 0) { source_means_of<0>(n, stride, g, X, U); }
    if (axis == 1) { source_means_of<1>(n, stride, g, X, U); }
    if (axis == 2) { source_means_of<2>(n, stride, g, X, U); }
}

KERNEL(source_of_means, int n, index_t stride, int axis, const real* U, real* M) {
    if (axis == 0) { source_of_means_of<0>(n, stride, U, M); }
    if (axis == 1) { source_of_means_of<1>(n, stride, U, M); }
    if (axis == 2) { source_of_means_of<2>(n, stride, U, M); }
}

KERNEL(conducting_means, int n, index_t stride, int axis, const real* F, real* V) {
    if (axis == 0) { conducting_means_of<0>(n, stride, F, V); }
    if (axis == 1) { conducting_means_of<1>(n, stride, F, V); }
    if (axis == 2) { conducting_means_of<2>(n, stride, F, V); }
}

KERNEL(conducting_momenta_of_means, int n, index_t stride, int axis, real h, real inv_dx, const real* g, const real* V, real* D) {
    if (axis == 0) { conducting_momenta_of_means_of<0>(n, stride, h, inv_dx, g, V, D); }
    if (axis == 1) { conducting_momenta_of_means_of<1>(n, stride, h, inv_dx, g, V, D); }
    if (axis == 2) { conducting_momenta_of_means_of<2>(n, stride, h, inv_dx, g, V, D); }
}
