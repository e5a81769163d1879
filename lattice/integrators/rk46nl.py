"""Six stages, order 4, low dissipation and dispersion: J. Berland, C. Bogey and C. Bailly,
Computers & Fluids 35, 1459 (2006), table 2 (RK46-NL)."""

from darklat.lattice.integrators.two_register import Scheme

SCHEME = Scheme(
    name="rk46nl",
    order=4,
    A=(0.0, -0.737101392796, -1.634740794341, -0.744739003780, -1.469897351522, -2.813971388035),
    B=(0.032918605146, 0.823256998200, 0.381530948900, 0.200092213184, 1.718581042715, 0.27),
    source="Berland, Bogey and Bailly, Computers & Fluids 35, 1459 (2006)",
)
INTEGRATOR = SCHEME.integrator()
