// Forms for order 2 alone, in which inner differences telescope: a product of two or three operators then reads few
// values, and no array for what is between them is needed. At higher orders it is stored (link_means.cu).

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
// of(q, r): at the site displaced by q, r along J, K.
template <class Of> INLINE void curl_of_mean_of(Of of, real& curl_J, real& curl_K) {
    const real both = of(1, 1);
    curl_J = (of(0, 1) + both) - (of(0, -1) + of(1, -1));
    curl_K = (of(-1, 0) + of(-1, 1)) - (of(1, 0) + both);
}
template <int I, class Site> INLINE void curl_of_mean(const real* F, const Site& s, real& curl_J, real& curl_K) {
    curl_of_mean_of([&](int q, int r) { return F[at<I>(s, 0, q, r)]; }, curl_J, curl_K);
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

// The Laplacian and |forward gradient|^2 of stencil.h written out: momenta.cu then needs 128 registers instead of 164.
template <class Site> INLINE real nearest_laplacian(const real* f, const Site& s) {
    const real c = f[s.at(0, 0, 0)];
    return (f[s.at(1, 0, 0)] - c) + (f[s.at(-1, 0, 0)] - c) + (f[s.at(0, 1, 0)] - c)
         + (f[s.at(0, -1, 0)] - c) + (f[s.at(0, 0, 1)] - c) + (f[s.at(0, 0, -1)] - c);
}
template <class Site> INLINE real nearest_gradient_squared(const real* f, const Site& s) {
    const real c = f[s.at(0, 0, 0)];
    const real x = f[s.at(1, 0, 0)] - c, y = f[s.at(0, 1, 0)] - c, z = f[s.at(0, 0, 1)] - c;
    return x * x + y * y + z * z;
}
