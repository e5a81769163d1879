"""Magnitudes of program units, couplings and ratios, and of physical masses and scales. Squares and
fourth powers of their products stay far inside the range of a double."""

SIZE, SCALE = (1e-9, 1e9), (1e-60, 1e30)
TIME = (1e-9, 1e5)  # of a start and an end; nobody could wait for a later one
RATE = (1e-30, 1e100)  # a conductivity in 1/tau_osc may be as large as that of a metal
