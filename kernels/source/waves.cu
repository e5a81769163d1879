// Gravitational waves. Their source on the sites, then its helicities mode by mode, and the waves that it drives. The equations are
// in docs/physics/gravitational-waves.md:
//     S_ij = a^2 t_i t_j - sum_a (E_i E_j + B_i B_j) + sum over massive fields of a^2 (m^2 X_i X_j + omega_p^2 v_i v_j)
// t = grad theta, E, B, X and v are averaged onto the sites. A trace has no helicity, so that S_zz is taken from the diagonal.

// Taps of the averages, which are of fourth order whatever ORDER is: of a backward mean those at distances 1/2 and 3/2, and of dx
// times the backward mean of the forward difference those of value(r) - value(-r), r = 1, 2, ...
#define SOURCE_SLOPES (ORDER / 2 + 1)
struct SourceTaps {
    real near, far, slope[SOURCE_SLOPES];
};
INLINE SourceTaps source_taps(const real* taps) {
    SourceTaps found = {taps[0], taps[1], {}};
    UNROLL for (int r = 0; r < SOURCE_SLOPES; ++r) found.slope[r] = taps[2 + r];
    return found;
}

template <class Value> INLINE real source_mean_of(const SourceTaps& taps, Value value) {
    return taps.near * (value(0) + value(-1)) + taps.far * (value(1) + value(-2));
}
template <class Value> INLINE real source_slope_of(const SourceTaps& taps, Value value) {
    real sum = taps.slope[0] * (value(1) - value(-1));
    UNROLL for (int r = 2; r <= SOURCE_SLOPES; ++r) sum += taps.slope[r - 1] * (value(r) - value(-r));
    return sum;
}
template <int A, class Site> INLINE real source_mean(const SourceTaps& taps, const real* f, const Site& s) {
    return source_mean_of(taps, [&](int x) { return f[at<A>(s, x, 0, 0)]; });
}
template <int A, class Site> INLINE real source_slope(const SourceTaps& taps, const real* f, const Site& s) {
    return source_slope_of(taps, [&](int x) { return f[at<A>(s, x, 0, 0)]; });
}

// dx times the mean of B_I over the plaquettes around the site.
template <int I, class Site> INLINE real source_magnetic(const SourceTaps& taps, const real* X, const Site& s, int a) {
    const real *J = component<(I + 1) % 3>(X, s, a), *K = component<(I + 2) % 3>(X, s, a);
    return source_slope_of(taps, [&](int y) { return source_mean_of(taps, [&](int z) { return K[at<I>(s, 0, y, z)]; }); })
         - source_slope_of(taps, [&](int z) { return source_mean_of(taps, [&](int y) { return J[at<I>(s, 0, y, z)]; }); });
}

struct Stress {
    real xx, yy, xy, xz, yz;  // S_xx - S_zz, S_yy - S_zz, ...
};
INLINE void add_square(Stress& S, real weight, real x, real y, real z) {
    S.xx += weight * (x * x - z * z);
    S.yy += weight * (y * y - z * z);
    S.xy += weight * (x * y);
    S.xz += weight * (x * z);
    S.yz += weight * (y * z);
}

// The part of a gauge field: -(E_i E_j + B_i B_j).
template <class Site>
INLINE void add_gauge_field(Stress& S, const SourceTaps& of, real inv_dx, const real* X, const real* E, const Site& s, int f) {
    add_square(S, -1, in_f(source_mean<0>(of, component<0>(E, s, f), s)), in_f(source_mean<1>(of, component<1>(E, s, f), s)),
               in_f(source_mean<2>(of, component<2>(E, s, f), s)));
    add_square(S, -1, in_f(inv_dx * source_magnetic<0>(of, X, s, f)), in_f(inv_dx * source_magnetic<1>(of, X, s, f)),
               in_f(inv_dx * source_magnetic<2>(of, X, s, f)));
}

// The source of theta and of the first gauge field. Others come one by one (waves_of_fields.cu): a kernel of all takes long to
// compile.
KERNEL(wave_source, int n, index_t stride, real a, real inv_dx, const real* taps, const real* theta, const real* X, const real* E,
                    real* xx, real* yy, real* xy, real* xz, real* yz) {
    const SourceTaps of = source_taps(taps);
    FOR_SITES(n, stride, s) {
        Stress S = {};
        const real slope = a * inv_dx;
        add_square(S, 1, slope * source_slope<0>(of, theta, s), slope * source_slope<1>(of, theta, s),
                   slope * source_slope<2>(of, theta, s));
        add_gauge_field(S, of, inv_dx, X, E, s, 0);
        const index_t c = s.at(0, 0, 0);
        xx[c] = S.xx; yy[c] = S.yy; xy[c] = S.xy; xz[c] = S.xz; yz[c] = S.yz;
    } END_SITES
}

// The source as modes of one helicity, S_pm = conj(e^pm_i e^pm_j) S_ij, for the modes that `order` lists: J [modes][helicity][2]
// from the transforms of the components. Sums of |S_+|^2 and |S_-|^2.
KERNEL(wave_source_modes, int segments, int modes, int n, const int* order, const index_t* first, const double* khat,
                          const double* fxx, const double* fyy, const double* fxy, const double* fxz, const double* fyz, double* J,
                          double* out) {
    FOR_ITEMS(segments, b, wave_source_modes, sum)
        FOR_ELEMENTS(first[b], first[b + 1], e) {
            const index_t c = order[e];
            const ModeNumbers m = mode_numbers(c, n);
            const Polarisations of = polarisations(khat, m);
            const double *x = of.e1, *y = of.e2;
            double even_re = 0, even_im = 0, odd_re = 0, odd_im = 0;
            // conj(e^pm_i e^pm_j) = even -+ i odd, and twice that where j, i comes with i, j
            const auto add = [&](double even, double odd, const double* f) {
                even_re += even * f[2 * c]; even_im += even * f[2 * c + 1];
                odd_re += odd * f[2 * c]; odd_im += odd * f[2 * c + 1];
            };
            add(double(0.5) * (x[0] * x[0] - y[0] * y[0]), x[0] * y[0], fxx);
            add(double(0.5) * (x[1] * x[1] - y[1] * y[1]), x[1] * y[1], fyy);
            add(x[0] * x[1] - y[0] * y[1], x[0] * y[1] + y[0] * x[1], fxy);
            add(x[0] * x[2] - y[0] * y[2], x[0] * y[2] + y[0] * x[2], fxz);
            add(x[1] * x[2] - y[1] * y[2], x[1] * y[2] + y[1] * x[2], fyz);
            double* own = J + 4 * (index_t)e;
            const double weight = multiplicity(m.z, n), pr = even_re + odd_im, pi = even_im - odd_re;
            own[0] = pr; own[1] = pi;
            sum[sums_::plus] += weight * (pr * pr + pi * pi);
            const double mr = even_re - odd_im, mi = even_im + odd_re;
            own[2] = mr; own[3] = mi;
            sum[sums_::minus] += weight * (mr * mr + mi * mi);
        }
    END_ITEMS(sum, b, out)
}

// The waves v [modes][helicity][2], and w = v', over a time: first w += kick J + drag v, then the free motion of frequency khat over
// `turn`. Sums of |u'|^2 by helicity, u' = from_w w + from_v v. flow: these five numbers.
KERNEL(wave_step, int segments, int modes, int n, const int* order, const index_t* first, const double* khat, const double* flow,
                  const double* J, double* v, double* w, double* out) {
    namespace number = flow_columns;
    FOR_ITEMS(segments, b, wave_step, sum)
        FOR_ELEMENTS(first[b], first[b + 1], e) {
            const ModeNumbers m = mode_numbers(order[e], n);
            const double k = sqrt(khat[m.x] * khat[m.x] + khat[m.y] * khat[m.y] + khat[m.z] * khat[m.z]);
            const bool turns = flow[number::turn] != 0;
            const double cs = turns ? cos(k * flow[number::turn]) : double(1), sn = turns ? sin(k * flow[number::turn]) : double(0);
            double square[2] = {0, 0};
            for (int x = 0; x < 4; ++x) {
                const index_t here = 4 * (index_t)e + x;
                const double p = w[here] + flow[number::kick] * J[here] + flow[number::drag] * v[here], q = v[here];
                v[here] = cs * q + sn / k * p;
                w[here] = cs * p - k * sn * q;
                const double prime = flow[number::from_w] * w[here] + flow[number::from_v] * v[here];
                square[x / 2] += prime * prime;
            }
            const double weight = multiplicity(m.z, n);
            sum[sums_::plus] += weight * square[0];
            sum[sums_::minus] += weight * square[1];
        }
    END_ITEMS(sum, b, out)
}
