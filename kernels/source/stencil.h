// The staggered lattice. theta and pi are on sites n; X, D, E on links (n, n + I/2); B, H on plaquettes. Component I of
// a plaquette is centred at n + J/2 + K/2. (I, J, K) is always a cyclic permutation of (x, y, z). All operators are of
// order ORDER. Derivation and sources: docs/physics/alp-dark-photon.md.

// A conducting field is the last one. Its E evolves, and its part of the array of D holds P = D - E (conduction.cu). It
// is felt by theta and the free fields where it reacts back, and by itself where it is coupled to itself.
#define N_FREE (N_GAUGE - CONDUCTING)
#define N_MASSLESS (N_FREE - MASSIVE)
#define N_FELT (BACK_REACTING ? N_GAUGE : N_FREE)
#define N_SOURCES (SELF_COUPLED ? N_GAUGE : N_FREE)  // fields in the current of the conducting one

// Index of the site displaced by p, q, r along axes I, J, K.
template <int I, class Site> INLINE index_t at(const Site& s, int p, int q, int r) {
    return I == 0 ? s.at(p, q, r) : I == 1 ? s.at(r, p, q) : s.at(q, r, p);
}

// Component I of gauge field a in an array [N_GAUGE][3][n][n][n].
template <int I, class Site, class Real> INLINE Real* component(Real* field, const Site& s, int a) {
    return field + (3 * a + I) * s.stride;
}

// The taps of physics/staggered.py. At order 2 every one is 1.
INLINE constexpr real difference_tap(int j) { constexpr real taps[] = {DIFFERENCE_TAPS}; return taps[j]; }
INLINE constexpr real sum_tap(int j) { constexpr real taps[] = {SUM_TAPS}; return taps[j]; }
INLINE constexpr real laplacian_tap(int r) { constexpr real taps[] = {LAPLACIAN_TAPS}; return taps[r - 1]; }
INLINE constexpr real central_tap(int r) { constexpr real taps[] = {CENTRAL_TAPS}; return taps[r - 1]; }

// sum_j d_j [value(1 + j) - value(-j)], value(x) at the site displaced by x: dx times the forward difference. And the
// like: dx times the backward difference, twice the forward mean, twice the backward mean, and 2 dx times the backward
// mean of the forward difference.
template <class Value> INLINE real forward_difference_of(Value value) {
    real sum = difference_tap(0) * (value(1) - value(0));
    UNROLL for (int j = 1; j < ORDER / 2; ++j) sum += difference_tap(j) * (value(1 + j) - value(-j));
    return sum;
}
template <class Value> INLINE real backward_difference_of(Value value) {
    real sum = difference_tap(0) * (value(0) - value(-1));
    UNROLL for (int j = 1; j < ORDER / 2; ++j) sum += difference_tap(j) * (value(j) - value(-1 - j));
    return sum;
}
template <class Value> INLINE real forward_sum_of(Value value) {
    real sum = sum_tap(0) * (value(0) + value(1));
    UNROLL for (int j = 1; j < ORDER / 2; ++j) sum += sum_tap(j) * (value(-j) + value(1 + j));
    return sum;
}
template <class Value> INLINE real backward_sum_of(Value value) {
    real sum = sum_tap(0) * (value(0) + value(-1));
    UNROLL for (int j = 1; j < ORDER / 2; ++j) sum += sum_tap(j) * (value(j) + value(-1 - j));
    return sum;
}
template <class Value> INLINE real central_difference_of(Value value) {
    real sum = central_tap(1) * (value(1) - value(-1));
    UNROLL for (int r = 2; r < ORDER; ++r) sum += central_tap(r) * (value(r) - value(-r));
    return sum;
}

// The same of an array along axis A.
template <int A, class Site> INLINE real forward_difference(const real* f, const Site& s) {
    return forward_difference_of([&](int x) { return f[at<A>(s, x, 0, 0)]; });
}
template <int A, class Site> INLINE real backward_difference(const real* f, const Site& s) {
    return backward_difference_of([&](int x) { return f[at<A>(s, x, 0, 0)]; });
}
template <int A, class Site> INLINE real forward_sum(const real* f, const Site& s) {
    return forward_sum_of([&](int x) { return f[at<A>(s, x, 0, 0)]; });
}
template <int A, class Site> INLINE real backward_sum(const real* f, const Site& s) {
    return backward_sum_of([&](int x) { return f[at<A>(s, x, 0, 0)]; });
}
template <int A, class Site> INLINE real central_difference(const real* f, const Site& s) {
    return central_difference_of([&](int x) { return f[at<A>(s, x, 0, 0)]; });
}

// dx B_I(n), B_I = D_J X_K - D_K X_J
template <int I, class Site> INLINE real plaquette(const real* X, const Site& s, int a) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    return forward_difference<J>(component<K>(X, s, a), s) - forward_difference<K>(component<J>(X, s, a), s);
}

// dx times component I of the backward curl of a field on plaquettes; of(c, axis, x) is its component c at the site
// displaced by x along an axis.
template <int I, class Of> INLINE real curl_back_of(Of of) {
    constexpr int J = (I + 1) % 3, K = (I + 2) % 3;
    return backward_difference_of([&](int x) { return of(K, J, x); }) - backward_difference_of([&](int x) { return of(J, K, x); });
}
template <int I, class Site> INLINE real curl_back(const real* B, const Site& s, int a) {
    return curl_back_of<I>([&](int c, int axis, int x) {
        return B[(3 * a + c) * s.stride + (axis == 0 ? s.at(x, 0, 0) : axis == 1 ? s.at(0, x, 0) : s.at(0, 0, x))];
    });
}

// |B|^2 dx^2 on the plaquettes of n, and E^2 on its links, over f^2. A Real of double is for sums that count from a
// vacuum on.
template <class Real, class Site> INLINE Real magnetic_squared(const real* X, const Site& s, int a) {
    const Real x = in_f<Real>(plaquette<0>(X, s, a)), y = in_f<Real>(plaquette<1>(X, s, a)), z = in_f<Real>(plaquette<2>(X, s, a));
    return x * x + y * y + z * z;
}
template <class Real, class Site> INLINE Real electric_squared(const real* E, const Site& s, int a) {
    const index_t c = s.at(0, 0, 0);
    const Real x = in_f<Real>(component<0>(E, s, a)[c]), y = in_f<Real>(component<1>(E, s, a)[c]), z = in_f<Real>(component<2>(E, s, a)[c]);
    return x * x + y * y + z * z;
}

// Twice the forward mean along I of theta times a field on sites.
template <int I, class Site> INLINE real theta_sum(const real* theta, const real* f, const Site& s) {
    return forward_sum_of([&](int x) { return theta[at<I>(s, x, 0, 0)] * f[at<I>(s, x, 0, 0)]; });
}

INLINE double square_in_f(double field) { return in_f(field) * in_f(field); }

// dx times the backward divergence of a link field, and the sum of its terms' magnitudes.
template <class Site> INLINE real divergence(const real* D, const Site& s, int a, real& magnitudes) {
    const real *x = component<0>(D, s, a), *y = component<1>(D, s, a), *z = component<2>(D, s, a);
    const auto of_taps = [&](int j) {
        return fabs(x[s.at(j, 0, 0)]) + fabs(x[s.at(-1 - j, 0, 0)]) + fabs(y[s.at(0, j, 0)]) + fabs(y[s.at(0, -1 - j, 0)])
             + fabs(z[s.at(0, 0, j)]) + fabs(z[s.at(0, 0, -1 - j)]);
    };
    magnitudes = difference_tap(0) * of_taps(0);
    UNROLL for (int j = 1; j < ORDER / 2; ++j) magnitudes += real(fabs(difference_tap(j))) * of_taps(j);
    return backward_difference<0>(x, s) + backward_difference<1>(y, s) + backward_difference<2>(z, s);
}

// dx^2 times the Laplacian, and dx^2 times |forward gradient|^2, of a site field.
template <class Site> INLINE real laplacian(const real* f, const Site& s) {
    const real c = f[s.at(0, 0, 0)];
    const auto at_distance = [&](int r) {
        return (f[s.at(r, 0, 0)] - c) + (f[s.at(-r, 0, 0)] - c) + (f[s.at(0, r, 0)] - c)
             + (f[s.at(0, -r, 0)] - c) + (f[s.at(0, 0, r)] - c) + (f[s.at(0, 0, -r)] - c);
    };
    real sum = laplacian_tap(1) * at_distance(1);
    UNROLL for (int r = 2; r < ORDER; ++r) sum += laplacian_tap(r) * at_distance(r);
    return sum;
}
template <class Site> INLINE real gradient_squared(const real* f, const Site& s) {
    const real x = forward_difference<0>(f, s), y = forward_difference<1>(f, s), z = forward_difference<2>(f, s);
    return x * x + y * y + z * z;
}

// D_J, D_K -= h/(8 dx) sum_b g_ab curl_b for all fields a, where curl_b is of field b in the components J and K.
template <int I, class Site>
INLINE void subtract_curls(real* D, const Site& s, real h, real inv_dx, const real* g, const real (&curl_J)[N_GAUGE],
                           const real (&curl_K)[N_GAUGE]) {
    const index_t c = s.at(0, 0, 0);
    const real scale = real(0.125) * h * inv_dx;
    UNROLL for (int a = 0; a < N_GAUGE; ++a) {
        real j = 0, k = 0;
        UNROLL for (int b = 0; b < N_FREE; ++b) {
            j += g[a * N_GAUGE + b] * curl_J[b];
            k += g[a * N_GAUGE + b] * curl_K[b];
        }
        component<(I + 1) % 3>(D, s, a)[c] -= scale * j;
        component<(I + 2) % 3>(D, s, a)[c] -= scale * k;
    }
}
