// Massive U(1) fields, with a cold fluid of their own or without (the last of the free fields):
//     X' = E + grad(P/a^2)   D' = ... - a^2 m^2 X - j   P' = a^2 div X   v' = E - 2 a nu v   j = a^2 omega_p^2 v
// P = a^2 A_0 lies on sites, v on links. Their part of the Hamiltonian,
//     1/2 E^2 + 1/2 a^2 m^2 X^2 + 1/2 a^2 omega_p^2 v^2   and   1/2 m^2 P^2 / a^2,
// is solved term by term. E_I = D_I + g W_I contains no X_I. Along the flow of component I alone, E_I, X_I and v_I
// therefore make a linear system of one link, whatever g is. The time-symmetric implicit step below solves it, and is
// stable for any m, omega_p and nu. Docs: docs/physics/massive-dark-photon.md.

// The medium of a massive field over one flow; a row of `medium`, whose columns Python names (declarations/massive.py).
struct Medium {
    real stiffness;  // a^2 m^2
    real plasma;     // a^2 omega_p^2
    real c0;         // (1 - e^-s)/s, s = 2 a nu h: mean of v over the flow from v alone
    real c1;         // (1 - c0) h/s: and from a constant E
    real decay;      // e^-s
    real a2;
    real mass_squared;
    real growth;     // d ln(a^2 omega_p^2)/d ln a
};
INLINE Medium medium_of(const real* medium, int a) {
    namespace column = medium_columns;
    const real* m = medium + (a - N_MASSLESS) * column::number;
    return {m[column::stiffness], m[column::plasma], m[column::c0], m[column::c1],
            m[column::decay], m[column::a2], m[column::mass_squared], m[column::growth]};
}

// Twice the mean on a link of the profile of omega_p^2. Taps above order 2 may make less than nothing of a steep profile,
// and a charge density is not negative.
template <int I, class Site> INLINE real plasma_sum(const real* profile, const Site& s) {
    const real twice = forward_sum<I>(profile, s);
    return ORDER == 2 || twice > 0 ? twice : 0;
}

// The flow of component I over a time h: mean of E over it into E, from which link_momenta and lorenz go on. Q collects
// the current, R the integral of a^2 X: div (D + Q) + m^2 P = 0 and P = div R. Sums over the fields of the means over
// the flow of m^2 X^2 and growth omega_p^2 v^2. Then the heat of collisions: the energy that the current took less the
// energy of v.
template <int I>
INLINE void massive_coordinate_of(int n, index_t stride, real h, real inv_dx, const real* medium, const real* profile,
                                  const real* theta, const real* G, real* X, real* D, real* E, real* v, real* Q, real* R,
                                  double* partial) {
    FOR_SITES_SUM(n, stride, s, massive_coordinate, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        real mass = 0, kinetic = 0, heat = 0;
        UNROLL for (int a = N_MASSLESS; a < N_FREE; ++a) {
            const Medium m = medium_of(medium, a);
            const int own = a - N_MASSLESS;
            real *d = component<I>(D, s, a) + c, *x = component<I>(X, s, a) + c;
            real *u = component<I>(v, s, own) + c, *q = component<I>(Q, s, own) + c, *r = component<I>(R, s, own) + c;
            const real plasma = m.plasma * real(0.5) * plasma_sum<I>(profile + own * s.stride, s);
            const real e = link_electric(*d, inv_dx, felt_on_link<I>(theta, G, s, a)), before = *u;
            const real mean_e = (e - real(0.5) * h * (m.stiffness * *x + plasma * m.c0 * before))
                              / (1 + real(0.25) * h * h * m.stiffness + real(0.5) * h * plasma * m.c1);
            const real mean_x = *x + real(0.5) * h * mean_e;
            const real current = plasma * (m.c0 * before + m.c1 * mean_e);
            const real after = m.decay * before + h * m.c0 * mean_e;
            *d -= h * (m.stiffness * mean_x + current);
            *x += h * mean_e;
            *u = after;
            *q += h * current;
            *r += h * m.a2 * mean_x;
            component<I>(E, s, a)[c] = mean_e;
            const real mean_v = real(0.5) * (before + after);
            mass += m.mass_squared * in_f(mean_x) * in_f(mean_x);
            kinetic += m.growth * plasma / m.a2 * in_f(mean_v) * in_f(mean_v);
            heat += h * in_f(current) * in_f(mean_e) - real(0.5) * plasma * in_f(after - before) * in_f(after + before);
        }
        ADD(sum, mass, mass);
        ADD(sum, plasma, kinetic);
        ADD(sum, heat, heat);
    } END_SITES_SUM(n, sum, partial)
}

KERNEL(massive_coordinate, int n, index_t stride, int axis, real h, real inv_dx, const real* medium, const real* profile,
       const real* theta, const real* G, real* X, real* D, real* E, real* v, real* Q, real* R, double* partial) {
    if (axis == 0) { massive_coordinate_of<0>(n, stride, h, inv_dx, medium, profile, theta, G, X, D, E, v, Q, R, partial); }
    if (axis == 1) { massive_coordinate_of<1>(n, stride, h, inv_dx, medium, profile, theta, G, X, D, E, v, Q, R, partial); }
    if (axis == 2) { massive_coordinate_of<2>(n, stride, h, inv_dx, medium, profile, theta, G, X, D, E, v, Q, R, partial); }
}

// P += h a^2 (backward difference of the mean of X_I over the flow), after massive_coordinate.
template <int I>
INLINE void lorenz_of(int n, index_t stride, real h, real inv_dx, const real* medium, const real* X, const real* E, real* P) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int a = N_MASSLESS; a < N_FREE; ++a) {
            const real *x = component<I>(X, s, a), *e = component<I>(E, s, a);
            const real mean = backward_difference_of([&](int r) {
                const index_t there = at<I>(s, r, 0, 0);
                return x[there] - real(0.5) * h * e[there];
            });
            P[(a - N_MASSLESS) * s.stride + c] += h * inv_dx * medium_of(medium, a).a2 * mean;
        }
    } END_SITES
}

KERNEL(lorenz, int n, index_t stride, int axis, real h, real inv_dx, const real* medium, const real* X, const real* E,
       real* P) {
    if (axis == 0) { lorenz_of<0>(n, stride, h, inv_dx, medium, X, E, P); }
    if (axis == 1) { lorenz_of<1>(n, stride, h, inv_dx, medium, X, E, P); }
    if (axis == 2) { lorenz_of<2>(n, stride, h, inv_dx, medium, X, E, P); }
}

// The flow of 1/2 m^2 P^2/a^2 over a time h: X += h grad(P/a^2). B does not change, and so nothing of the coupling. Sum of m^2 P^2.
KERNEL(potential_gradient, int n, index_t stride, real h, real a, real inv_dx, const real* medium, const real* P, real* X,
       double* partial) {
    const real scale = h * inv_dx / (a * a);
    FOR_SITES_SUM(n, stride, s, potential_gradient, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        real squares = 0;
        UNROLL for (int b = N_MASSLESS; b < N_FREE; ++b) {
            const real* p = P + (b - N_MASSLESS) * s.stride;
            component<0>(X, s, b)[c] += scale * forward_difference<0>(p, s);
            component<1>(X, s, b)[c] += scale * forward_difference<1>(p, s);
            component<2>(X, s, b)[c] += scale * forward_difference<2>(p, s);
            squares += medium_of(medium, b).mass_squared * in_f(p[c]) * in_f(p[c]);
        }
        ADD(sum, temporal, squares);
    } END_SITES_SUM(n, sum, partial)
}

// Sums for one massive field after the other. First X^2, P^2, and v^2 weighted with the profile of omega_p^2. Then
// squares and magnitudes of the terms of dx [div (D + Q) + m^2 P] and of dx [P - div R].
KERNEL(massive_averages, int n, index_t stride, real dx, const real* medium, const real* profile, const real* X, const real* D,
       const real* P, const real* v, const real* Q, const real* R, double* partial) {
    FOR_SITES_SUM(n, stride, s, massive_averages, sum, partial) {
        const index_t c = s.at(0, 0, 0);
        UNROLL for (int a = N_MASSLESS; a < N_FREE; ++a) {
            const int own = a - N_MASSLESS;
            const real p = P[own * s.stride + c], mass = dx * medium_of(medium, a).mass_squared * p;
            const real *vx = component<0>(v, s, own), *vy = component<1>(v, s, own), *vz = component<2>(v, s, own);
            const real* of_site = profile + own * s.stride;
            const real wx = real(0.5) * plasma_sum<0>(of_site, s), wy = real(0.5) * plasma_sum<1>(of_site, s);
            const real wz = real(0.5) * plasma_sum<2>(of_site, s);
            real of_D, of_Q, of_R;
            const real gauss = divergence(D, s, a, of_D) + divergence(Q, s, own, of_Q) + mass;
            const real lorenz = divergence(R, s, own, of_R) - dx * p;
            const real gauss_size = of_D + of_Q + fabs(mass), lorenz_size = of_R + fabs(dx * p);
            ADD_OF_FIELD(sum, own, X_sq, electric_squared<double>(X, s, a));
            ADD_OF_FIELD(sum, own, P_sq, square_in_f(p));
            ADD_OF_FIELD(sum, own, v_sq, wx * square_in_f(vx[c]) + wy * square_in_f(vy[c]) + wz * square_in_f(vz[c]));
            ADD_OF_FIELD(sum, own, gauss, square_in_f(gauss));
            ADD_OF_FIELD(sum, own, gauss_terms, square_in_f(gauss_size));
            ADD_OF_FIELD(sum, own, lorenz, square_in_f(lorenz));
            ADD_OF_FIELD(sum, own, lorenz_terms, square_in_f(lorenz_size));
        }
    } END_SITES_SUM(n, sum, partial)
}
