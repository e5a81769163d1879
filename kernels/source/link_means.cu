// The first and the last kernels of a component's flow (link_flow.cu) at orders above 2. B4_I and the curl of Fbar_I are
// products of a mean and a difference across I, and the means are stored between: in the link field of G and F, two
// components that hold nothing at that moment.
//     4 dx B4_I = C_J U_K - C_K U_J,   U_K = 2 A_K^- X_K,   U_J = 2 A_J^- X_J,   C = 2 dx A^- D^+
//     8 dx (curl Fbar_I)_J = C_K V_J,   8 dx (curl Fbar_I)_K = -C_J V_K,   V_J = 2 A_J^+ (2 F_I),   V_K = 2 A_K^+ (2 F_I)

// sum_b g_ab U_b along an axis, given to store(a, U); value(b, x) is X of field b at the link displaced by x along it.
template <class Value, class Store> INLINE void felt_mean(const real* g, Value value, Store store) {
    real mean[N_GAUGE];
    UNROLL for (int b = 0; b < N_FELT; ++b) mean[b] = backward_sum_of([&](int x) { return value(b, x); });
    UNROLL for (int a = 0; a < N_FREE; ++a) {
        real sum = 0;
        UNROLL for (int b = 0; b < N_FELT; ++b) sum += g[a * N_GAUGE + b] * mean[b];
        store(a, sum);
    }
}
// G_I from U_K displaced along J and U_J displaced along K.
template <class OfK, class OfJ> INLINE real felt_from_means(OfK of_K, OfJ of_J) {
    return central_difference_of(of_K) - central_difference_of(of_J);
}

// U_J into component I, U_K into component K.
template <int I>
INLINE void felt_means_of(int n, index_t stride, const real* g, const real* X, real* U) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        felt_mean(g, [&](int b, int x) { return component<J>(X, s, b)[at<J>(s, x, 0, 0)]; },
                  [&](int a, real mean) { component<I>(U, s, a)[c] = mean; });
        felt_mean(g, [&](int b, int x) { return component<K>(X, s, b)[at<K>(s, x, 0, 0)]; },
                  [&](int a, real mean) { component<K>(U, s, a)[c] = mean; });
    } END_SITES
}

template <int I>
INLINE void felt_of_means_of(int n, index_t stride, const real* U, real* G) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        UNROLL for (int a = 0; a < N_FREE; ++a)
            component<J>(G, s, a)[s.at(0, 0, 0)] = felt_from_means(
                [&](int x) { return component<K>(U, s, a)[at<J>(s, x, 0, 0)]; },
                [&](int x) { return component<I>(U, s, a)[at<K>(s, x, 0, 0)]; });
    } END_SITES
}

// 8 dx times the curl of Fbar_I from V_J displaced along K and V_K displaced along J.
template <class OfJ, class OfK> INLINE void curl_from_means(OfJ of_J, OfK of_K, real& curl_J, real& curl_K) {
    curl_J = central_difference_of(of_J);
    curl_K = -central_difference_of(of_K);
}

// V_J into component I, V_K into component J, from 2 F_I in component K.
template <int I>
INLINE void force_means_of(int n, index_t stride, const real* F, real* V) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int a = 0; a < N_FREE; ++a) {
            const real* of_site = component<K>(F, s, a);
            component<I>(V, s, a)[c] = forward_sum<J>(of_site, s);
            component<J>(V, s, a)[c] = forward_sum<K>(of_site, s);
        }
    } END_SITES
}

template <int I>
INLINE void momenta_of_means_of(int n, index_t stride, real h, real inv_dx, const real* g, const real* V, real* D) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    FOR_SITES(n, stride, s) {
        real curl_J[N_GAUGE], curl_K[N_GAUGE];
        UNROLL for (int a = 0; a < N_FREE; ++a)
            curl_from_means([&](int x) { return component<I>(V, s, a)[at<K>(s, x, 0, 0)]; },
                            [&](int x) { return component<J>(V, s, a)[at<J>(s, x, 0, 0)]; }, curl_J[a], curl_K[a]);
        subtract_curls<I>(D, s, h, inv_dx, g, curl_J, curl_K);
    } END_SITES
}

KERNEL(felt_means, int n, index_t stride, int axis, const real* g, const real* X, real* U) {
    if (axis == 0) { felt_means_of<0>(n, stride, g, X, U); }
    if (axis == 1) { felt_means_of<1>(n, stride, g, X, U); }
    if (axis == 2) { felt_means_of<2>(n, stride, g, X, U); }
}

KERNEL(felt_of_means, int n, index_t stride, int axis, const real* U, real* G) {
    if (axis == 0) { felt_of_means_of<0>(n, stride, U, G); }
    if (axis == 1) { felt_of_means_of<1>(n, stride, U, G); }
    if (axis == 2) { felt_of_means_of<2>(n, stride, U, G); }
}

KERNEL(force_means, int n, index_t stride, int axis, const real* F, real* V) {
    if (axis == 0) { force_means_of<0>(n, stride, F, V); }
    if (axis == 1) { force_means_of<1>(n, stride, F, V); }
    if (axis == 2) { force_means_of<2>(n, stride, F, V); }
}

KERNEL(momenta_of_means, int n, index_t stride, int axis, real h, real inv_dx, const real* g, const real* V, real* D) {
    if (axis == 0) { momenta_of_means_of<0>(n, stride, h, inv_dx, g, V, D); }
    if (axis == 1) { momenta_of_means_of<1>(n, stride, h, inv_dx, g, V, D); }
    if (axis == 2) { momenta_of_means_of<2>(n, stride, h, inv_dx, g, V, D); }
}

// E_aI = D_aI + inv_dx/8 (2 A_I^+ theta G_aI) of one component of the free fields, from G of felt_of_means.
template <int I>
INLINE void electric_of_felt_of(int n, index_t stride, real inv_dx, const real* theta, const real* G, const real* D, real* E) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int a = 0; a < N_FREE; ++a)
            component<I>(E, s, a)[c] = link_electric(component<I>(D, s, a)[c], inv_dx, felt_on_link<I>(theta, G, s, a));
    } END_SITES
}

KERNEL(electric_of_felt, int n, index_t stride, int axis, real inv_dx, const real* theta, const real* G, const real* D, real* E) {
    if (axis == 0) { electric_of_felt_of<0>(n, stride, inv_dx, theta, G, D, E); }
    if (axis == 1) { electric_of_felt_of<1>(n, stride, inv_dx, theta, G, D, E); }
    if (axis == 2) { electric_of_felt_of<2>(n, stride, inv_dx, theta, G, D, E); }
}
