"""Values that follow from the keys of a configuration, and its leaves by dotted key."""

from __future__ import annotations

import numpy as np
import pytest

from config_text import BASE, NO_END, NO_START, STATIC, read
from darklat.physics.units import UnitNames
from darklat.schema.write import leaves


def test_a_coupling_is_found_in_either_order_and_is_zero_where_none_is_given() -> None:
    config = read(BASE, "model.fields.A.role=photon", "model.couplings={XX: 100, AX: 2}")
    assert config.coupling("A", "X") == config.coupling("X", "A") == 2.0
    assert config.coupling("X", "X") == 100.0 and config.coupling("A", "A") == 0.0
    assert config.letters == ("X", "A")
    np.testing.assert_array_equal(config.coupling_matrix, [[100.0, 2.0], [2.0, 0.0]])


def test_the_background_and_the_names_of_units() -> None:
    config = read()
    assert config.expands and config.unit_names == UnitNames(alp=True)
    static = read(BASE, STATIC, NO_START, NO_END, "time.tau_end=8")
    assert not static.expands and static.radiation_hubble is None
    without = read(BASE, "model.alp=null", "model.couplings=null", "units={hubble_eV: 1e-18}")
    names = without.unit_names
    assert (names.tau, names.a, names.X_squared, names.square) == ("tau_*", "a_*", "1/tau_*^2", "1/tau_*^4")  # fmt: skip
    assert (names.tau_tex, names.square_tex) == (r"\tau_*", r"1/\tau_*^4")
    assert config.unit_names.square_tex == r"f^2/\tau_\mathrm{osc}^2"


@pytest.mark.parametrize(
    ("overrides", "matter"),
    [
        ([], False),
        (["model.fields.X.mass_eV=1e-18"], True),
        (["model.fields.X.plasma={kind: constant, omega_p: 10}"], False),
        (["model.fields.Y.mass_eV=1e-18"], False),  # another field
    ],
)
def test_a_field_ends_as_matter_where_it_has_a_mass(overrides: list[str], matter: bool) -> None:
    assert read(BASE, *overrides).ends_as_matter("X") is matter


def test_leaves_are_the_values_by_dotted_key() -> None:
    found = leaves(read(BASE, "model.couplings=null"))
    assert found["lattice.sites"] == 16 and found["output.snapshots"] == (1.0, 2.0)
    assert found["model.fields.X.conductivity.kind"] == "zero"
    assert found["model.couplings"] == {}  # a value: there are none
    assert "time.tau_end" not in found and "units" not in found
    assert leaves(read())["model.couplings.XX"] == 100.0
