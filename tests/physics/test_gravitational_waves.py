"""Gravitational waves today, against numbers of an independent program."""

from __future__ import annotations

import pytest

from darklat.physics.gravitational_waves import strength, today
from darklat.physics.units import units_of_alp

TABLE = {  # of m/eV, with c = 3: Omega h^2 today over Omega, and Hz per unit of k tau_osc
    1e-17: (4.0685e-5, 1.62840e-12),
    1e-15: (3.5030e-5, 1.56859e-11),
    1e-14: (3.4797e-5, 4.95208e-11),
    1e-12: (3.4044e-5, 4.92508e-10),
    1e-2: (1.6308e-5, 4.09736e-5),
}


@pytest.mark.parametrize("mass_eV", TABLE)
def test_energy_and_frequency_today(mass_eV: float) -> None:
    units = units_of_alp(mass_eV=mass_eV, f_GeV=1e16, oscillation_condition=3.0)
    found = today(units, radiation_hubble=1.0)
    assert found is not None
    assert (found.share, found.frequency_Hz) == pytest.approx(TABLE[mass_eV], rel=4e-5, abs=0)


def test_a_universe_that_is_half_matter_has_half_of_the_energy_in_radiation() -> None:
    """At the same temperature: H is larger by sqrt 2, and Omega counts in the larger density."""
    hotter = units_of_alp(mass_eV=1e-17, f_GeV=1e16, oscillation_condition=3.0)
    mixed = units_of_alp(mass_eV=1e-17 * 2**0.5, f_GeV=1e16, oscillation_condition=3.0)
    alone, half = today(hotter, radiation_hubble=1.0), today(mixed, radiation_hubble=0.5**0.5)
    assert alone is not None and half is not None
    assert half.share == pytest.approx(2 * alone.share, rel=1e-12, abs=0)
    assert half.frequency_Hz == pytest.approx(2**0.5 * alone.frequency_Hz, rel=1e-12, abs=0)
    assert today(hotter, radiation_hubble=None) is None


@pytest.mark.parametrize(("f_GeV", "value"), [(1e16, 2.842979e-10), (1e17, 2.842979e-6)])
def test_the_strength(f_GeV: float, value: float) -> None:
    units = units_of_alp(mass_eV=1e-17, f_GeV=f_GeV, oscillation_condition=3.0)
    assert strength(units) == pytest.approx(value, rel=1e-5, abs=0)
