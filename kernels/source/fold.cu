// out[item] = sum of partial[item][0 .. length), in a fixed order: the parts of a plane become the plane's sum.

KERNEL(fold, int items, int length, const double* partial, double* out) {
    FOR_ITEMS(items, b, fold, sum)
        FOR_ELEMENTS((index_t)b * length, (index_t)(b + 1) * length, e) sum[sums_::total] += partial[e];
    END_ITEMS(sum, b, out)
}
