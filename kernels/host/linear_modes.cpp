// Fourier modes on the host: steps of their equations, with coefficients from lattice/linear_phase/propagation.py, and
// the product of a lattice's modes with the resulting matrices. Every mode is computed alone, so that no result depends
// on the number of threads.

#include <math.h>
#include <algorithm>
#include <vector>

typedef long long index_t;

#define EXPORT extern "C" __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define TERMS 8  // for |x| <= 1 the omitted part of a series is below 1e-13

#define LANES 4  // modes that step together
#define MOST_ALONE (1 << 18)  // steps of modes on one thread, a millisecond: waking others would take longer
typedef double Lanes __attribute__((vector_size(LANES * sizeof(double))));

constexpr double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

// sum_n x^n/(2 n + first)!: cosh sqrt x for first = 0, sinh sqrt x/sqrt x for 1, for |x| up to a few.
template <int first, int n = 0> INLINE Lanes series(Lanes x) {
    constexpr double term = 1 / factorial(2 * n + first);
    if constexpr (n < TERMS) return term + x * series<first, n + 1>(x);
    return Lanes{} + term;
}

struct Pair { Lanes x, e; };

// C + S [[d, h], [low, -d]]
struct Matrix {
    Lanes C, S, d, h, low;
    INLINE Pair times(const Matrix& m, Pair y) {
        return {m.C * y.x + m.S * (m.d * y.x + m.h * y.e), m.C * y.e + m.S * (m.low * y.x - m.d * y.e)};
    }
};

// struct Step comes from linear_modes.py.

// Y[row][column] through all steps: X, E, and the A that they have made. The columns start from X = 1, E = 1 and A = 1.
template <bool conductor> static void through(int steps, double h, const Step* all, Lanes squared, Lanes drive, Lanes Y[3][3]) {
    for (int n = 0; n < steps; ++n) {
        const Step now = all[n];
        const Lanes low = now.low * drive - h * squared, d = now.d * drive, mu = d * d + h * low;
        const Lanes half = series<1>(mu / 4), S = half * series<0>(mu / 4), quotient = half * half / 2;  // (C - 1)/mu
        const Matrix step{1 + mu * quotient, S, d, h + Lanes{}, low};
        Pair pushed{};
        if constexpr (conductor) {
            const Matrix phi_1{S, quotient, d, h + Lanes{}, low};              // int_0^1 e^(s L) ds of the exponent L
            const Matrix phi_2{quotient, series<3>(mu), d, h + Lanes{}, low};  // int_0^1 (1 - s) e^(s L) ds
            const Pair push{now.push_low * drive, now.push_high * drive};
            const Lanes w[2] = {now.current_X * drive, now.current_E * drive};
            for (int c = 0; c < 3; ++c) {
                const Pair gone = Matrix::times(phi_1, {Y[0][c], Y[1][c]});
                Y[2][c] += w[0] * gone.x + w[1] * gone.e;
            }
            const Pair twice = Matrix::times(phi_2, push);
            Y[2][2] += w[0] * twice.x + w[1] * twice.e;
            pushed = Matrix::times(phi_1, push);
        }
        for (int c = 0; c < (conductor ? 3 : 2); ++c) {
            const Pair y = Matrix::times(step, {Y[0][c], Y[1][c]});
            Y[0][c] = y.x;
            Y[1][c] = y.e;
        }
        Y[0][2] += pushed.x;
        Y[1][2] += pushed.e;
    }
}

// out[row][column][mode]; team: how many threads
EXPORT void propagate(int modes, int steps, double h, int conductor, const Step* step, const double* k, const double* drive, double* out, int team) {
#pragma omp parallel for schedule(dynamic) num_threads(team) if ((index_t)modes * steps > MOST_ALONE)
    for (int first = 0; first < modes; first += LANES) {
        Lanes squared, driven, Y[3][3] = {};
        for (int l = 0; l < LANES; ++l) {
            const int mode = std::min(first + l, modes - 1);
            squared[l] = k[mode] * k[mode];
            driven[l] = drive[mode];
        }
        Y[0][0] = Y[1][1] = Lanes{} + 1.0;
        (conductor ? through<true> : through<false>)(steps, h, step, squared, driven, Y);
        for (int q = 0; q < 9; ++q)
            for (int l = 0; l < LANES && first + l < modes; ++l) out[(index_t)q * modes + first + l] = Y[q / 3][q % 3][l];
    }
}

struct Complex { double re, im; };

// Rows of numbers, one for every mode of a line along z.
struct Table {
    int nz;
    std::vector<double> values;
    Table(int nz, int rows) : nz(nz), values((size_t)nz * rows) {}
    double* operator[](int row) { return values.data() + (size_t)nz * row; }
};

// Of the modes of a line: (e1, e2, khat/|khat|) right-handed and orthonormal, with e_pm = (e1 +- i e2)/sqrt 2 as in
// modes.cu. Also the phases k_i dx/2 of half a link.
struct Frame {
    int first;  // k_z
    Table e1, e2, cosine, sine;
    Frame(int first, int nz) : first(first), e1(nz, 3), e2(nz, 3), cosine(nz, 3), sine(nz, 3) {}

    void of_line(int x, int y, const double* sines, const double* cosines, const double* khat) {
        const double rho = sqrt(khat[x] * khat[x] + khat[y] * khat[y]);
        const double e1x = rho > 0 ? khat[y] / rho : 1, e1y = rho > 0 ? -khat[x] / rho : 0;
        for (int z = 0; z < e1.nz; ++z) {
            const int m[3] = {x, y, first + z};
            const double size = std::max(sqrt(rho * rho + khat[m[2]] * khat[m[2]]), 1e-300);  // 0 for k = 0
            const double u[3] = {khat[x] / size, khat[y] / size, khat[m[2]] / size};
            const double first[3] = {e1x, e1y, 0}, second[3] = {-u[2] * e1y, u[2] * e1x, u[0] * e1y - u[1] * e1x};
            for (int i = 0; i < 3; ++i) {
                e1[i][z] = first[i]; e2[i][z] = second[i];
                cosine[i][z] = cosines[m[i]]; sine[i][z] = sines[m[i]];
            }
        }
    }

    // Adds the part of component i of a link field in helicity +1 and -1, over sqrt 2: re and im of each.
    void take_apart(int i, const Complex* v, double* const of[4]) {
        const double *a = e1[i], *b = e2[i], *c = cosine[i], *s = sine[i];
#pragma omp simd
        for (int z = 0; z < e1.nz; ++z) {
            const double re = (v[z].re * c[z] + v[z].im * s[z]) / 2, im = (v[z].im * c[z] - v[z].re * s[z]) / 2;
            of[0][z] += a[z] * re + b[z] * im;
            of[1][z] += a[z] * im - b[z] * re;
            of[2][z] += a[z] * re - b[z] * im;
            of[3][z] += a[z] * im + b[z] * re;
        }
    }

    void put_together(int i, double* const of[4], Complex* v) {
        const double *a = e1[i], *b = e2[i], *c = cosine[i], *s = sine[i];
#pragma omp simd
        for (int z = 0; z < e1.nz; ++z) {
            const double re = a[z] * (of[0][z] + of[2][z]) - b[z] * (of[1][z] - of[3][z]);
            const double im = a[z] * (of[1][z] + of[3][z]) + b[z] * (of[0][z] - of[2][z]);
            v[z] = {re * c[z] - im * s[z], re * s[z] + im * c[z]};
        }
    }
};

// modes[row][component][n][n][nz] of link fields, with the k_z from first on, times matrices[helicity][place[mode]][row][column]; modes at
// place -1 become 0. Helicities refer to the lattice momentum. sines, cosines: of k_i dx/2 for the n mode numbers of
// one axis; khat: khat_i dx/2.
EXPORT void transform(int n, int first, int nz, int rows, int places, const double* sines, const double* cosines, const double* khat,
                      const int* place, const double* matrices, Complex* modes, int team) {
    const index_t component = (index_t)n * n * nz, other_helicity = (index_t)places * rows * rows;
#pragma omp parallel num_threads(team)
    {
        Frame frame(first, nz);
        Table before(nz, 4 * rows), after(nz, 4);  // of both helicities re, im
#pragma omp for schedule(static)
        for (int line = 0; line < n * n; ++line) {
            Complex* v = modes + (index_t)line * nz;
            const int* own = place + (index_t)line * nz;
            frame.of_line(line / n, line % n, sines, cosines, khat);
            std::fill(before.values.begin(), before.values.end(), 0.0);
            for (int r = 0; r < rows; ++r) {
                double* const of[4] = {before[4 * r], before[4 * r + 1], before[4 * r + 2], before[4 * r + 3]};
                for (int i = 0; i < 3; ++i) frame.take_apart(i, v + (3 * r + i) * component, of);
            }
            for (int r = 0; r < rows; ++r) {
                double* const of[4] = {after[0], after[1], after[2], after[3]};
                for (int z = 0; z < nz; ++z) {
                    const double* plus = matrices + ((index_t)std::max(own[z], 0) * rows + r) * rows;
                    const double* minus = plus + other_helicity;
                    double sum[4] = {0, 0, 0, 0};
                    for (int c = 0; c < rows && own[z] >= 0; ++c)
                        for (int part = 0; part < 4; ++part) sum[part] += (part < 2 ? plus : minus)[c] * before[4 * c + part][z];
                    for (int part = 0; part < 4; ++part) of[part][z] = sum[part];
                }
                for (int i = 0; i < 3; ++i) frame.put_together(i, of, v + (3 * r + i) * component);
            }
        }
    }
}
