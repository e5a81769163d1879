"""Three stages, order 3: J. H. Williamson, J. Comput. Phys. 35, 48 (1980), case 7."""

from darklat.lattice.integrators.two_register import Scheme

SCHEME = Scheme(
    name="rk3",
    order=3,
    A=(0.0, -5 / 9, -153 / 128),
    B=(1 / 3, 15 / 16, 8 / 15),
    source="Williamson, J. Comput. Phys. 35, 48 (1980)",
)
INTEGRATOR = SCHEME.integrator()
