// Power per bin of |k| from real-input transforms, whose modes are a slab [n][n][k_z_count] of the half space from
// k_z_first on. `order` lists them by k_z and there by bin, cut into segments of one k_z and one bin. One item sums one
// segment in order, so the result does not depend on the number of threads. Modes strictly inside the half space count
// twice (for k and -k).

INLINE double multiplicity(int kz, int n) { return kz == 0 || 2 * kz == n ? double(1) : double(2); }

struct ModeNumbers { int x, y, z; };
// 32 bits, because a division of 64 takes twice as long.
INLINE ModeNumbers mode_numbers(unsigned c, int n, int k_z_first, int k_z_count) {
    const unsigned row = c / k_z_count, x = row / n;
    return {(int)x, (int)(row - x * n), k_z_first + (int)(c - row * k_z_count)};
}
INLINE ModeNumbers mode_numbers(unsigned c, int n) { return mode_numbers(c, n, 0, n / 2 + 1); }

// The direction of the lattice momentum, and two more that make (e1, e2, unit) right-handed and orthonormal. e_pm = (e1 +- i e2)/sqrt 2
// have helicity +- 1: i unit x e_pm = +- e_pm.
struct Polarisations { double e1[3], e2[3], unit[3], khat_squared; };
INLINE Polarisations polarisations(const double* khat, const ModeNumbers& m) {
    Polarisations of = {{}, {}, {khat[m.x], khat[m.y], khat[m.z]}, 0};
    for (int i = 0; i < 3; ++i) of.khat_squared += of.unit[i] * of.unit[i];
    const double norm = 1 / sqrt(of.khat_squared);
    for (int i = 0; i < 3; ++i) of.unit[i] *= norm;
    const double* unit = of.unit;
    const double rho = sqrt(unit[0] * unit[0] + unit[1] * unit[1]);
    const bool along_z = rho < double(1e-6);
    of.e1[0] = along_z ? double(1) : unit[1] / rho;
    of.e1[1] = along_z ? double(0) : -unit[0] / rho;
    of.e1[2] = 0;
    of.e2[0] = unit[1] * of.e1[2] - unit[2] * of.e1[1];
    of.e2[1] = unit[2] * of.e1[0] - unit[0] * of.e1[2];
    of.e2[2] = unit[0] * of.e1[1] - unit[1] * of.e1[0];
    return of;
}

// out[segment] = sums of |f_k|^2 and khat^2 |f_k|^2 for a site field.
KERNEL(scalar_modes, int segments, int n, int k_z_first, int k_z_count, const int* order, const index_t* first,
                    const double* khat, const double* f, double* out) {
    FOR_ITEMS(segments, b, scalar_modes, sum)
        FOR_ELEMENTS(first[b], first[b + 1], e) {
            const index_t c = order[e];
            const ModeNumbers m = mode_numbers(c, n, k_z_first, k_z_count);
            const double power = multiplicity(m.z, n) * (f[2 * c] * f[2 * c] + f[2 * c + 1] * f[2 * c + 1]);
            sum[sums_::power] += power;
            sum[sums_::gradient] += power * (khat[m.x] * khat[m.x] + khat[m.y] * khat[m.y] + khat[m.z] * khat[m.z]);
        }
    END_ITEMS(sum, b, out)
}

// out[segment] = sums of |V_+|^2, |V_-|^2, |V_long|^2 for a link field, and of khat^2 |V_+|^2, khat^2 |V_-|^2, the
// power of its curl. Helicities and longitudinal part refer to the lattice momentum khat. The
// phase exp(i k_i dx/2) of half a link is taken out before. khat, cosine, sine: 1-D tables over the n mode numbers of
// one axis, of khat_i and of that phase.
KERNEL(vector_modes, int segments, int n, int k_z_first, int k_z_count, const int* order, const index_t* first,
                    const double* khat, const double* cosine, const double* sine, const double* vx, const double* vy,
                    const double* vz, double* out) {
    FOR_ITEMS(segments, b, vector_modes, sum)
        FOR_ELEMENTS(first[b], first[b + 1], e) {
            const index_t c = order[e];
            const ModeNumbers numbers = mode_numbers(c, n, k_z_first, k_z_count);
            const int m[3] = {numbers.x, numbers.y, numbers.z};
            const double* v[3] = {vx, vy, vz};
            double re[3], im[3];
            for (int i = 0; i < 3; ++i) {
                const double p = v[i][2 * c], q = v[i][2 * c + 1], cs = cosine[m[i]], sn = sine[m[i]];
                re[i] = p * cs + q * sn;
                im[i] = q * cs - p * sn;
            }
            const Polarisations of = polarisations(khat, numbers);
            double r1 = 0, i1 = 0, r2 = 0, i2 = 0, rl = 0, il = 0;
            for (int i = 0; i < 3; ++i) {
                r1 += of.e1[i] * re[i]; i1 += of.e1[i] * im[i];
                r2 += of.e2[i] * re[i]; i2 += of.e2[i] * im[i];
                rl += of.unit[i] * re[i]; il += of.unit[i] * im[i];
            }
            const double w = multiplicity(m[2], n);
            const double plus = w * double(0.5) * ((r1 + i2) * (r1 + i2) + (i1 - r2) * (i1 - r2));
            const double minus = w * double(0.5) * ((r1 - i2) * (r1 - i2) + (i1 + r2) * (i1 + r2));
            sum[sums_::plus] += plus;
            sum[sums_::minus] += minus;
            sum[sums_::longitudinal] += w * (rl * rl + il * il);
            sum[sums_::curl_plus] += of.khat_squared * plus;
            sum[sums_::curl_minus] += of.khat_squared * minus;
        }
    END_ITEMS(sum, b, out)
}
