"""Twelve leapfrogs, order 4: S6 of S. Blanes and P. C. Moan, J. Comput. Appl. Math. 142, 313
(2002), moved by half a percent.

Their a_i and b_i are those of a splitting in two parts. As a composition of a map and its adjoint
the fractions are c_1 = a_1, c_2 = b_1 - c_1, c_3 = a_2 - c_2 and so on (R. I. McLachlan, SIAM J.
Sci. Comput. 16, 151 (1995)): 0.07920, 0.13031, 0.22286, -0.36671, 0.32465, 0.10969. With these,
waves of omega dt between 3.159 and 3.165 grow by up to e^0.0027 a step, and all others are stable
up to 6.14. The fractions here are the nearest ones that fulfil the same conditions of order 4 and
close this gap: a wave of omega dt = 3.161 comes back as its negative. The errors of phase are the
same to a percent.
"""

from darklat.lattice.integrators.composition import composition

HALF = (
    0.07765473538310781, 0.1285078612662257, 0.2221150648137219, -0.3672779581070781,
    0.3256637235274798, 0.11333657311654292,
)  # fmt: skip
INTEGRATOR = composition(
    name="blanes_moan",
    half=HALF,
    longer=4.0,  # with a m dt = 2 the phase is off by 0.1%, that of strang with 0.5 by 0.26%
    source="Blanes and Moan, J. Comput. Appl. Math. 142, 313 (2002)",
)
