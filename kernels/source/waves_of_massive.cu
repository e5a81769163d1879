// Adds the part of one massive field and of its fluid, a^2 (m^2 X_i X_j + omega_p^2 v_i v_j). own: its place among the massive fields.
// inertia: a^2 m^2 and a^2 omega_p^2 of each.
KERNEL(wave_source_of_massive, int n, index_t stride, int own, const real* inertia, const real* taps, const real* profile,
                               const real* X, const real* v, real* xx, real* yy, real* xy, real* xz, real* yz) {
    const SourceTaps of = source_taps(taps);
    const int f = N_MASSLESS + own;
    const real mass = inertia[own * inertia_columns::number + inertia_columns::mass];
    const real plasma = inertia[own * inertia_columns::number + inertia_columns::plasma];
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        Stress S = {};
        add_square(S, mass, in_f(source_mean<0>(of, component<0>(X, s, f), s)), in_f(source_mean<1>(of, component<1>(X, s, f), s)),
                   in_f(source_mean<2>(of, component<2>(X, s, f), s)));
        add_square(S, plasma * profile[own * s.stride + c], in_f(source_mean<0>(of, component<0>(v, s, own), s)),
                   in_f(source_mean<1>(of, component<1>(v, s, own), s)), in_f(source_mean<2>(of, component<2>(v, s, own), s)));
        xx[c] += S.xx; yy[c] += S.yy; xy[c] += S.xy; xz[c] += S.xz; yz[c] += S.yz;
    } END_SITES
}
