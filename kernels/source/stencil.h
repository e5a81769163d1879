// The staggered lattice. theta and pi are on sites n; X, D, E on links (n, n + I/2); B, H on plaquettes. Component I of
// a plaquette is centred at n + J/2 + K/2. (I, J, K) is always a cyclic permutation of (x, y, z). Taps are of second
// order. Derivation and sources: docs/physics/alp-dark-photon.md.

// A conducting field is the last one. Its E evolves, and its part of the array of D holds P = D - E (conduction.cu). It
// is felt by theta and the free fields where it reacts back, and by itself where it is coupled to itself.
#define N_FREE (N_GAUGE - CONDUCTING)
#define N_FELT (BACK_REACTING ? N_GAUGE : N_FREE)
#define N_SOURCES (SELF_COUPLED ? N_GAUGE : N_FREE)  // fields in the current of the conducting one

// Index of the site displaced by p, q, r (each -1, 0 or 1) along axes I, J, K.
template <int I, class Site> INLINE index_t at(const Site& s, int p, int q, int r) {
    return I == 0 ? s.at(p, q, r) : I == 1 ? s.at(r, p, q) : s.at(q, r, p);
}

// Component I of gauge field a in an array [N_GAUGE][3][n][n][n].
template <int I, class Site, class Real> INLINE Real* component(Real* field, const Site& s, int a) {
    return field + (3 * a + I) * s.stride;
}

// dx B_I(n) = [X_K(n+J) - X_K(n)] - [X_J(n+K) - X_J(n)]
template <int I, class Site> INLINE real plaquette(const real* X, const Site& s, int a) {
    const real* XJ = component<(I + 1) % 3>(X, s, a);
    const real* XK = component<(I + 2) % 3>(X, s, a);
    const index_t c = s.at(0, 0, 0);
    return (XK[at<I>(s, 0, 1, 0)] - XK[c]) - (XJ[at<I>(s, 0, 0, 1)] - XJ[c]);
}

// dx times component I of the backward curl of a field on plaquettes.
template <int I, class Site> INLINE real curl_back(const real* B, const Site& s, int a) {
    const real* BJ = component<(I + 1) % 3>(B, s, a);
    const real* BK = component<(I + 2) % 3>(B, s, a);
    const index_t c = s.at(0, 0, 0);
    return (BK[c] - BK[at<I>(s, 0, -1, 0)]) - (BJ[c] - BJ[at<I>(s, 0, 0, -1)]);
}

// dx B_I, as above,
// on the four plaquettes around a site: at n, n-J, n-K, n-J-K.
template <int I, class Site> INLINE void plaquettes_around(const real* X, const Site& s, int a, real (&B)[4]) {
    const real* XJ = component<(I + 1) % 3>(X, s, a);
    const real* XK = component<(I + 2) % 3>(X, s, a);
    const real j00 = XJ[at<I>(s, 0, 0, 0)], j01 = XJ[at<I>(s, 0, 0, 1)], j0m = XJ[at<I>(s, 0, 0, -1)];
    const real jm0 = XJ[at<I>(s, 0, -1, 0)], jm1 = XJ[at<I>(s, 0, -1, 1)], jmm = XJ[at<I>(s, 0, -1, -1)];
    const real k00 = XK[at<I>(s, 0, 0, 0)], k10 = XK[at<I>(s, 0, 1, 0)], km0 = XK[at<I>(s, 0, -1, 0)];
    const real k0m = XK[at<I>(s, 0, 0, -1)], k1m = XK[at<I>(s, 0, 1, -1)], kmm = XK[at<I>(s, 0, -1, -1)];
    B[0] = (k10 - k00) - (j01 - j00);
    B[1] = (k00 - km0) - (jm1 - jm0);
    B[2] = (k1m - k0m) - (j00 - j0m);
    B[3] = (k0m - kmm) - (jm0 - jmm);
}

// dx B of field a on the plaquettes around a site, and its consequences:
struct Magnetic {
    real curl[3];     // dx^2 times the backward curl of B, on the links of n
    real at_site[3];  // 4 dx times B4, the mean of the four plaquettes around n
};
template <class Site> INLINE Magnetic magnetic(const real* X, const Site& s, int a) {
    real x[4], y[4], z[4];
    plaquettes_around<0>(X, s, a, x);
    plaquettes_around<1>(X, s, a, y);
    plaquettes_around<2>(X, s, a, z);
    return {{(z[0] - z[2]) - (y[0] - y[1]), (x[0] - x[2]) - (z[0] - z[1]), (y[0] - y[2]) - (x[0] - x[1])},
            {(x[0] + x[1]) + (x[2] + x[3]), (y[0] + y[1]) + (y[2] + y[3]), (z[0] + z[1]) + (z[2] + z[3])}};
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

// 4 dx B4_I at the site displaced by m along I: the inner differences of the four plaquettes telescope.
template <int I, class Site> INLINE real magnetic_at_site(const real* X, const Site& s, int a, int m) {
    const real* XJ = component<(I + 1) % 3>(X, s, a);
    const real* XK = component<(I + 2) % 3>(X, s, a);
    const real dK = (XK[at<I>(s, m, 1, 0)] - XK[at<I>(s, m, -1, 0)])
                  + (XK[at<I>(s, m, 1, -1)] - XK[at<I>(s, m, -1, -1)]);
    const real dJ = (XJ[at<I>(s, m, 0, 1)] - XJ[at<I>(s, m, 0, -1)])
                  + (XJ[at<I>(s, m, -1, 1)] - XJ[at<I>(s, m, -1, -1)]);
    return dK - dJ;
}

// 8 dx W_I(n), W_I = 1/2 [theta(n) B4_I(n) + theta(n+I) B4_I(n+I)]: theta B averaged onto a link.
template <int I, class Site> INLINE real theta_magnetic(const real* theta, const real* X, const Site& s, int a) {
    return theta[at<I>(s, 0, 0, 0)] * magnetic_at_site<I>(X, s, a, 0)
         + theta[at<I>(s, 1, 0, 0)] * magnetic_at_site<I>(X, s, a, 1);
}

// The part of F_I, given as 2 F_I on sites, in 8 dx times the backward curl of Fbar. Fbar_I is the mean of F_I over the
// sites around a plaquette. curl_J = Fbar_I(n) - Fbar_I(n-K), curl_K = -[Fbar_I(n) - Fbar_I(n-J)], the inner sites
// telescoped.
template <int I, class Site> INLINE void curl_of_mean(const real* F, const Site& s, real& curl_J, real& curl_K) {
    const real both = F[at<I>(s, 0, 1, 1)];
    curl_J = (F[at<I>(s, 0, 0, 1)] + both) - (F[at<I>(s, 0, 0, -1)] + F[at<I>(s, 0, 1, -1)]);
    curl_K = (F[at<I>(s, 0, -1, 0)] + F[at<I>(s, 0, -1, 1)]) - (F[at<I>(s, 0, 1, 0)] + both);
}

// 2 F_I = theta(n) [E_I(n) + E_I(n-I)] at the site displaced by q, r along J, K.
template <int I, class Site> INLINE real theta_electric(const real* theta, const real* E_I, const Site& s, int q, int r) {
    return theta[at<I>(s, 0, q, r)] * (E_I[at<I>(s, 0, q, r)] + E_I[at<I>(s, -1, q, r)]);
}

// Adds the same for F_I computed from theta and E.
template <int I, class Site>
INLINE void add_curl_theta_electric(const real* theta, const real* E, const Site& s, int a, real (&curl)[3]) {
    const real* EI = component<I>(E, s, a);
    const real both = theta_electric<I>(theta, EI, s, 1, 1);
    curl[(I + 1) % 3] += (theta_electric<I>(theta, EI, s, 0, 1) + both)
                       - (theta_electric<I>(theta, EI, s, 0, -1) + theta_electric<I>(theta, EI, s, 1, -1));
    curl[(I + 2) % 3] -= (theta_electric<I>(theta, EI, s, 1, 0) + both)
                       - (theta_electric<I>(theta, EI, s, -1, 0) + theta_electric<I>(theta, EI, s, -1, 1));
}

// E_I averaged onto the site: 1/2 [E_I(n) + E_I(n-I)]
template <int I, class Site> INLINE real electric_at_site(const real* E, const Site& s, int a) {
    const real* EI = component<I>(E, s, a);
    return real(0.5) * (EI[at<I>(s, 0, 0, 0)] + EI[at<I>(s, -1, 0, 0)]);
}

INLINE double square_in_f(double field) { return in_f(field) * in_f(field); }

// dx times the backward divergence of a link field, and the sum of its terms' magnitudes.
template <class Site> INLINE real divergence(const real* D, const Site& s, int a, real& magnitudes) {
    const index_t c = s.at(0, 0, 0);
    const real *x = component<0>(D, s, a), *y = component<1>(D, s, a), *z = component<2>(D, s, a);
    const real xm = x[s.at(-1, 0, 0)], ym = y[s.at(0, -1, 0)], zm = z[s.at(0, 0, -1)];
    magnitudes = fabs(x[c]) + fabs(xm) + fabs(y[c]) + fabs(ym) + fabs(z[c]) + fabs(zm);
    return (x[c] - xm) + (y[c] - ym) + (z[c] - zm);
}

// dx^2 times the Laplacian, and dx^2 times |forward gradient|^2, of a site field.
template <class Site> INLINE real laplacian(const real* f, const Site& s) {
    const real c = f[s.at(0, 0, 0)];
    return (f[s.at(1, 0, 0)] - c) + (f[s.at(-1, 0, 0)] - c) + (f[s.at(0, 1, 0)] - c)
         + (f[s.at(0, -1, 0)] - c) + (f[s.at(0, 0, 1)] - c) + (f[s.at(0, 0, -1)] - c);
}
template <class Site> INLINE real gradient_squared(const real* f, const Site& s) {
    const real c = f[s.at(0, 0, 0)];
    const real x = f[s.at(1, 0, 0)] - c, y = f[s.at(0, 1, 0)] - c, z = f[s.at(0, 0, 1)] - c;
    return x * x + y * y + z * z;
}
