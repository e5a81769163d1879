// plaquettes, kick and drift (kick.cu) in one pass over memory; for CUDA alone. A block marches along x through a
// segment of planes with a tile in (y, z). B of ORDER planes is in registers, the oldest of them ORDER / 2 planes before
// the one that is kicked. B of that plane is in shared memory, where sites around along y and z read it. theta is read
// around a site, so that its new values go to another array.

#define KICK_LOW (ORDER / 2)  // how far a backward difference reads, before a site and behind it
#define KICK_HIGH (ORDER / 2 - 1)
#define KICK_LINES (KICK_ROWS + KICK_LOW + KICK_HIGH)
#define KICK_SPAN (COLUMNS + KICK_LOW + KICK_HIGH)
#define KICK_THREADS (KICK_LINES * KICK_SPAN)

struct KickNumbers { real h, a, mass_squared, inv_dx, drift_over_a2; };

template <bool DRIFT>
INLINE void fused_kick(int n, index_t stride, const KickNumbers& number, const real* theta, const real* X, real* pi, real* D,
                       real* theta_next, double* partial) {
    namespace sums_ = plaquettes_kick_drift_sums;
    __shared__ real B[2][3 * N_FREE][KICK_LINES][KICK_SPAN];
    const real a2 = number.a * number.a, inv_dx2 = number.inv_dx * number.inv_dx;
    const TileThread t = thread_of_tile<KICK_ROWS, KICK_LOW, KICK_HIGH>(n);
    const Segment planes = segment(n);
    const auto site = [&](int m) { return periodic_site(wrapped(m, n), t.row, t.column, n, stride); };
    double sum[sums_::number] = {};
    real of_planes[ORDER][3 * N_FREE] = {};
    for (int p = planes.first - KICK_LOW; p < planes.last + KICK_HIGH; ++p) {
        const int m = p - KICK_HIGH;
        UNROLL for (int i = 0; i < 3 * N_FREE; ++i)
            UNROLL for (int x = 1; x < ORDER; ++x) of_planes[x - 1][i] = of_planes[x][i];
        if (t.present) {
            const Site ahead = site(p);
            real(&newest)[3 * N_FREE] = of_planes[ORDER - 1];
            UNROLL for (int b = 0; b < N_FREE; ++b) {
                newest[3 * b] = plaquette<0>(X, ahead, b);
                newest[3 * b + 1] = plaquette<1>(X, ahead, b);
                newest[3 * b + 2] = plaquette<2>(X, ahead, b);
            }
            UNROLL for (int i = 0; i < 3 * N_FREE; ++i) B[m & 1][i][t.line][t.place] = of_planes[KICK_LOW][i];
        }
        __syncthreads();  // a thread is at most one plane ahead of another
        if (!t.own || m < planes.first) continue;
        const Site s = site(m);
        const index_t c = s.at(0, 0, 0);
        const real th = theta[c], lap = inv_dx2 * laplacian(theta, s);
        sum[sums_::trace] += alp_trace(th, lap, a2, number.mass_squared);
        const real momentum = pi[c] + number.h * alp_force(th, lap, a2, number.mass_squared);
        pi[c] = momentum;
        if (DRIFT) {
            sum[sums_::pi_sq] += momentum * momentum;
            theta_next[c] = th + number.drift_over_a2 * momentum;
        }
        UNROLL for (int b = 0; b < N_FREE; ++b) {
            const auto of = [&](int component, int axis, int x) {
                const int i = 3 * b + component;
                return x == 0 || axis == 0 ? of_planes[KICK_LOW + (axis == 0 ? x : 0)][i]
                                           : B[m & 1][i][t.line + (axis == 1) * x][t.place + (axis == 2) * x];
            };
            component<0>(D, s, b)[c] -= number.h * inv_dx2 * curl_back_of<0>(of);
            component<1>(D, s, b)[c] -= number.h * inv_dx2 * curl_back_of<1>(of);
            component<2>(D, s, b)[c] -= number.h * inv_dx2 * curl_back_of<2>(of);
        }
    }
    STORE_SUMS_OF_TILES(KICK_THREADS, DRIFT ? plaquettes_kick_drift_sums::number : plaquettes_kick_sums::number, n, sum, partial)
}

KERNEL(plaquettes_kick_drift, int n, index_t stride, real kick_h, real kick_a, real kick_mass_squared, real kick_inv_dx, real drift_h,
       real drift_a, const real* X, const real* theta, real* pi, real* D, real* theta_next, double* partial) {
    const KickNumbers number{kick_h, kick_a, kick_mass_squared, kick_inv_dx, drift_h / (drift_a * drift_a)};
    fused_kick<true>(n, stride, number, theta, X, pi, D, theta_next, partial);
}

KERNEL(plaquettes_kick, int n, index_t stride, real kick_h, real kick_a, real kick_mass_squared, real kick_inv_dx, const real* X,
       const real* theta, real* pi, real* D, double* partial) {
    fused_kick<false>(n, stride, {kick_h, kick_a, kick_mass_squared, kick_inv_dx, 0}, theta, X, pi, D, nullptr, partial);
}
