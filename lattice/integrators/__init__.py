"""Time integrators, one scheme per file."""

from darklat.lattice.integrators import rk3, rk4, rk46nl
from darklat.lattice.integrators.two_register import Scheme, TwoRegister

SCHEMES: dict[str, Scheme] = {m.SCHEME.name: m.SCHEME for m in (rk3, rk4, rk46nl)}

__all__ = ["SCHEMES", "Scheme", "TwoRegister"]
