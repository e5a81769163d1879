"""Five stages, order 4: M. H. Carpenter and C. A. Kennedy, NASA TM 109112 (1994), solution 3."""

from darklat.lattice.integrators.two_register import Scheme

SCHEME = Scheme(
    name="rk4",
    order=4,
    A=(
        0.0,
        -567301805773 / 1357537059087,
        -2404267990393 / 2016746695238,
        -3550918686646 / 2091501179385,
        -1275806237668 / 842570457699,
    ),
    B=(
        1432997174477 / 9575080441755,
        5161836677717 / 13612068292357,
        1720146321549 / 2090206949498,
        3134564353537 / 4481467310338,
        2277821191437 / 14882151754819,
    ),
    source="Carpenter and Kennedy, NASA TM 109112 (1994)",
)
INTEGRATOR = SCHEME.integrator()
