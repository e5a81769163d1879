// A copy of a link field: the best that memory can do, for `darklat bench`.

KERNEL(copy, int n, index_t stride, const real* X, real* E) {
    FOR_SITES(n, stride, s) {
        const index_t c = s.at(0, 0, 0);
        for (int i = 0; i < 3 * N_GAUGE; ++i) E[i * stride + c] = X[i * stride + c];
    } END_SITES
}
