"""Time integrators, one scheme per file."""

from darklat.lattice.integrators import blanes_moan, rk3, rk4, rk46nl, strang
from darklat.lattice.integrators.base import Integrator, Stepper

INTEGRATORS: dict[str, Integrator] = {
    m.INTEGRATOR.name: m.INTEGRATOR for m in (strang, blanes_moan, rk46nl, rk4, rk3)
}

__all__ = ["INTEGRATORS", "Integrator", "Stepper"]
