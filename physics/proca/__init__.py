"""A massive dark photon with a plasma of dark charges: modes, histories, closed forms.

The equations and their source are in `modes`, the method in `collocation`. This module
gathers the public names:

- `evolve_modes` and its result `ProcaModes`: longitudinal and transverse modes (`modes`).
- `mode_energies`, `current`, `charge_density` (`observables`).
- `History` and the known histories: `constant`, `screening`, `freeze_out`, `from_table`,
  `from_rows` (`histories`).
- `dispersion`, `transverse_dispersion`: frequencies in a cold plasma (`dispersion`).
- limits in closed form (`closed_forms`), and the spectrum and relic density of dark photons
  without charges (`vacuum`).
"""

from darklat.physics.proca.closed_forms import (
    a_thaw,
    electric_field_vacuum,
    first_zero,
    hubble_matter,
    reentry_current,
    relativistic_mode,
    slow_speed,
    superhorizon_amplitude,
)
from darklat.physics.proca.histories import (
    History,
    constant,
    freeze_out,
    from_rows,
    from_table,
    screening,
)
from darklat.physics.proca.modes import MAX_PHASE, POLARISATIONS, ProcaModes, evolve_modes
from darklat.physics.proca.observables import ModeEnergies, charge_density, current, mode_energies
from darklat.physics.proca.start import longitudinal_start
from darklat.physics.proca.vacuum import (
    vacuum_integral,
    vacuum_mass_eV,
    vacuum_peak,
    vacuum_relic_density,
    vacuum_spectrum,
)
from darklat.physics.waves.dispersion import dispersion, transverse_dispersion

__all__ = [
    "MAX_PHASE",
    "POLARISATIONS",
    "History",
    "ModeEnergies",
    "ProcaModes",
    "a_thaw",
    "charge_density",
    "constant",
    "current",
    "dispersion",
    "electric_field_vacuum",
    "evolve_modes",
    "first_zero",
    "freeze_out",
    "from_rows",
    "from_table",
    "hubble_matter",
    "longitudinal_start",
    "mode_energies",
    "reentry_current",
    "relativistic_mode",
    "screening",
    "slow_speed",
    "superhorizon_amplitude",
    "transverse_dispersion",
    "vacuum_integral",
    "vacuum_mass_eV",
    "vacuum_peak",
    "vacuum_relic_density",
    "vacuum_spectrum",
]
