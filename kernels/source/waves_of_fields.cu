// Adds the part of one more gauge field to the source of gravitational waves.
KERNEL(wave_source_of_field, int n, index_t stride, int field, real inv_dx, const real* taps, const real* X, const real* E,
                             real* xx, real* yy, real* xy, real* xz, real* yz) {
    const SourceTaps of = source_taps(taps);
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        Stress S = {};
        add_gauge_field(S, of, inv_dx, X, E, s, field);
        xx[c] += S.xx; yy[c] += S.yy; xy[c] += S.xy; xz[c] += S.xz; yz[c] += S.yz;
    } END_SITES
}
