"""The figures of "Dark QED from Inflation": what is written, and that it is the physics."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.analysis.papers import figure, mode_data, picture, wave_data
from darklat.errors import BadValueError
from darklat.physics import proca
from darklat.physics.proca import primordial_field
from darklat.physics.waves import dispersion, warm_dispersion
from darklat.physics.waves.permittivity import Juttner, mass_ratio
from darklat.schema.figure import (
    DarkQed2,
    DarkQed3,
    DarkQed13,
    DarkQed14,
    DarkQed16,
)
from darklat.schema.figure_plasma import FigurePlasmaKeys

HEADERS = {
    "figure_2": ["k [k_*]", "a [a_*]", "rho per ln k [(m H_I/2pi)^2]", "n [1]"],
    "figure_2_map": ["k [k_*]", "a [a_*]", "n [1]"],
    "figure_3_spectrum": ["k/(aH) [1]", "P_E exact [(m H_I/2pi)^2]", "P_E Eq. A.9 [(m H_I/2pi)^2]"],
    "figure_3_field": [
        "x [1/H]",
        "y [1/H]",
        "E_x [m H_I/2pi]",
        "E_y [m H_I/2pi]",
        "E_z [m H_I/2pi]",
    ],
    "figure_13": [
        "k [omega_p]",
        "omega_slow m=0.3 [omega_p]",
        "omega_fast m=0.3 [omega_p]",
        "omega_slow m=1.5 [omega_p]",
        "omega_fast m=1.5 [omega_p]",
    ],
    "figure_14": [
        "v_star [1]",
        "k [omega_p]",
        "k/k_D [1]",
        "omega_slow D.12a [omega_p]",
        "omega_fast D.12a [omega_p]",
        "-Im omega_slow D.12b [omega_p]",
        "omega_slow thermal [omega_p]",
        "omega_fast thermal [omega_p]",
        "-Im omega_slow thermal [omega_p]",
    ],
    "figure_16": [
        "k [k_*]",
        "a [a_*]",
        "A [A_init]",
        "J_3 [m^2 A_init]",
        "J_0 [m^2 A_init/a_*]",
        "E [E_vac]",
        "omega_p [m]",
        "nu [m]",
        "H [m]",
        "rho_E [E_vac^2/2]",
        "rho_A [E_vac^2/2]",
        "rho_A0 [E_vac^2/2]",
        "rho_u [E_vac^2/2]",
        "(H/omega_p)^2 [1]",
    ],
}
# Coarser than the paper's defaults where those take seconds.
CONFIGS = (
    DarkQed2(k=(0.1, 1.0, 10.0), k_points=7, a_points=121),
    DarkQed3(),
    DarkQed13(),
    DarkQed14(),
    DarkQed16(k=(5.0,), a_points=301),
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    written = [
        path
        for config in CONFIGS
        for path in picture.write(figure.FIGURES[config.figure](config), folder, config="k: 1\n")
    ]
    assert sorted(written) == sorted(folder.iterdir())
    return folder


def read(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array(rows, dtype=float)


@pytest.mark.parametrize("number", ["2", "3", "13", "14", "16"])
def test_pictures_are_there(drawn: Path, number: str) -> None:
    png = (drawn / f"figure_{number}.png").read_bytes()
    assert png.startswith(b"\x89PNG") and len(png) > 20_000
    assert (drawn / f"figure_{number}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", HEADERS)
def test_columns(drawn: Path, name: str) -> None:
    header, rows = read(drawn / f"{name}.csv")
    assert header == HEADERS[name]
    assert rows.shape[1] == len(header) and rows.shape[0] > 100
    # Only the rate of the one-velocity model ends, where omega = v_* k to rounding, and the cap on
    # the energy of charges that are not there yet is infinite.
    complete = [i for i, x in enumerate(header) if "D.12b" not in x and "(H/omega_p)^2" not in x]
    assert np.all(np.isfinite(rows[:, complete]))


@pytest.mark.parametrize("name", HEADERS)
def test_the_same_numbers_are_in_hdf5_with_their_units(drawn: Path, name: str) -> None:
    header, rows = read(drawn / f"{name}.csv")
    number = name.split("_")[1]
    with h5py.File(drawn / f"figure_{number}.h5") as file:
        assert file.attrs["config"] == "k: 1\n" and "darklat_version" in file.attrs
        found = [file[name][head.partition(" [")[0].replace("/", " over ")] for head in header]
        assert len(file[name]) == len(header)
        assert [f"{each.attrs['description']} [{each.attrs['units']}]" for each in found] == header
        np.testing.assert_array_equal(np.transpose([each[...] for each in found]), rows)


def test_figure_2(drawn: Path) -> None:
    _, rows = read(drawn / "figure_2.csv")
    k, a, density, index = (column.reshape(3, -1) for column in rows.T)
    modes = proca.evolve_modes(k[:, 0], a[0], omega_p=0.0, a_start=1e-3)
    np.testing.assert_allclose(
        density, k**2 * proca.mode_energies(modes).total, rtol=1e-9
    )  # other k beside them change the steps: 1e-10 of the norm
    # Late, F of the closed form; the energy still swings by H/m = 1/900 around it.
    late = density[:, -1] * a[:, -1] ** 3
    np.testing.assert_allclose(late[:2], proca.vacuum_spectrum(k[:2, 0]), rtol=0.01)
    # k = 10 is still half relativistic there: above.
    assert 1 < late[2] / proca.vacuum_spectrum(10.0) < 1.1
    np.testing.assert_allclose(index[:, 0], 2, atol=1e-3)
    np.testing.assert_allclose(index[:2, -1], 3, atol=0.02)


def test_figure_2_map(drawn: Path) -> None:
    _, rows = read(drawn / "figure_2_map.csv")
    k, a, n = rows.T
    # Frozen above the horizon; radiation; matter. The margins are where corrections are below 5 %.
    frozen = (a * np.maximum(k, a) < 0.1) & (a < 0.1)
    matter = (a > 10) & (k < a / 10)
    radiation = (k * a > 30) & (k > 10 * a)
    assert min(np.sum(frozen), np.sum(matter), np.sum(radiation)) > 5
    np.testing.assert_allclose(n[frozen], 2, atol=0.05)
    np.testing.assert_allclose(n[matter], 3, atol=0.1)
    np.testing.assert_allclose(n[radiation], 4, atol=0.2)


def test_the_index_of_a_power_law_is_its_exponent() -> None:
    a = np.geomspace(1e-2, 1e2, 50)
    index = mode_data.dilution_index(a, np.stack([3 * a**-2.5, a**4]))
    np.testing.assert_allclose(index, np.array([[2.5], [-4.0]]) + 0 * a, rtol=1e-12)


def test_figure_16(drawn: Path) -> None:
    header, rows = read(drawn / "figure_16.csv")
    table = {name: column.reshape(1, -1) for name, column in zip(header, rows.T, strict=True)}
    k, a = table["k [k_*]"][:, :1], table["a [a_*]"][0]
    history = proca.screening()
    modes = proca.evolve_modes(k[:, 0], a, omega_p=history.omega_p, nu=history.nu, a_start=1e-3)
    energies, unit = proca.mode_energies(modes), 1 / (2 * k**2)
    for name, value in {
        "A [A_init]": modes.A,
        "J_3 [m^2 A_init]": modes.J3,
        "J_0 [m^2 A_init/a_*]": modes.J0,
        "E [E_vac]": modes.E / a**2 * k,
        "omega_p [m]": modes.omega_p + 0 * k,
        "nu [m]": 0.3 * modes.omega_p + 0 * k,
        "H [m]": a**-2 + 0 * k,
        "rho_E [E_vac^2/2]": energies.electric / unit,
        "rho_A [E_vac^2/2]": energies.mass_space / unit,
        "rho_A0 [E_vac^2/2]": energies.mass_time / unit,
        "rho_u [E_vac^2/2]": energies.plasma / unit,
    }.items():
        np.testing.assert_allclose(table[name], value, rtol=1e-8, atol=1e-12, err_msg=name)
    # What the paper says of k = 5: E grows as a before the horizon and the charges take over, and
    # the kinetic energy of the charges is capped.
    early = a < 0.006
    growth = np.polyfit(np.log(a[early]), np.log(np.abs(table["E [E_vac]"][0, early])), 1)[0]
    assert growth == pytest.approx(1, abs=1e-3)
    share = table["rho_u [E_vac^2/2]"][0] / table["(H/omega_p)^2 [1]"][0]
    assert 0.9 < share.max() < 1


def test_the_line_of_the_decay() -> None:
    history = proca.constant(omega_p=3.0, nu=0.1)
    a = np.geomspace(1e-3, 20, 400)
    data = mode_data.screened_modes([0.2, 0.05], history=history, a=a)
    # nu/(1 + 9) = 0.01 = H at a = 10; k = 0.05 is outside the horizon until a = 20.
    assert data.decay[0] == pytest.approx(10, rel=a[1] / a[0] - 1)
    assert data.decay[1] == pytest.approx(20, rel=a[1] / a[0] - 1)
    vacuum = mode_data.screened_modes([0.2], history=proca.constant(omega_p=0.0), a=a)
    assert vacuum.decay == [None] and np.all(np.isinf(vacuum.bound))


def test_figure_3(drawn: Path) -> None:
    _, spectrum = read(drawn / "figure_3_spectrum.csv")
    np.testing.assert_array_equal(
        spectrum[:, 1], primordial_field.electric_spectrum(spectrum[:, 0])
    )
    # A.9 is an envelope: 9 times too large outside, inside (x j_1)^2 is at most 1.13 (x = 2.74).
    assert spectrum[0, 2] / spectrum[0, 1] == pytest.approx(9, rel=1e-3)  # x^2/5 at x = .03
    assert np.all(spectrum[:, 1] < 1.14 * spectrum[:, 2])
    _, field = read(drawn / "figure_3_field.csv")
    np.testing.assert_array_equal(
        field[:, 2:].T.reshape(3, 80, 80),
        primordial_field.random_field(sites=80, box=12.0, seed=3),
    )
    square = np.mean(np.sum(field[:, 2:] ** 2, axis=1))
    # 1/4 less what the grid leaves out; one slice of 12^2 patches of unit size: 10 per cent.
    assert square == pytest.approx(0.25, rel=0.3)


def test_the_closed_form_of_a_relativistic_mode_is_that_of_the_spectrum() -> None:
    k, a = 7.0, np.geomspace(1e-6, 3, 60)
    A, E = proca.relativistic_mode(k, a)
    np.testing.assert_allclose(
        (k * E / a**2) ** 2, primordial_field.electric_spectrum(k * a), rtol=1e-14
    )
    np.testing.assert_allclose(A, np.sinc(k * a / np.pi), rtol=1e-12)


def test_figure_13(drawn: Path) -> None:
    _, rows = read(drawn / "figure_13.csv")
    k = rows[:, 0]
    for mass, (slow, fast) in zip((0.3, 1.5), (rows[:, 1:3].T, rows[:, 3:5].T), strict=True):
        roots = dispersion.dispersion(k, omega_p=1.0, mass=mass).real
        np.testing.assert_array_equal(slow, roots[:, dispersion.SLOW])
        np.testing.assert_array_equal(fast, roots[:, dispersion.FAST])
        # Sum and product of the roots omega^2 of Eq. C.4: rounding.
        np.testing.assert_allclose(slow**2 + fast**2, k**2 + 1 + mass**2, rtol=1e-14)
        np.testing.assert_allclose(slow * fast, k, rtol=1e-14, atol=1e-15)


def test_masses_that_look_alike_have_columns_of_their_own() -> None:
    panels = [wave_data.cold_branches(mass, points=16) for mass in (0.3, 0.3000000001)]
    assert len(wave_data.cold_table(panels)) == 5


def test_figure_14(drawn: Path) -> None:
    _, rows = read(drawn / "figure_14.csv")
    v, k, share, slow, fast, rate, slow_exact, fast_exact, rate_exact = rows.T
    assert set(v) == {0.1, 0.7} and share.max() == pytest.approx(2, rel=1e-12)
    here = v == 0.7
    plasma = Juttner(1.0, mass_ratio(0.7))
    roots = warm_dispersion.slow_branch(k[here], plasma=plasma, mass=0.3)
    np.testing.assert_allclose(slow_exact[here] - 1j * rate_exact[here], roots, rtol=1e-12)
    assert np.all((slow >= v * k) & (slow < k)) and np.all(np.minimum(fast, fast_exact) > k)
    # The model is close, up to terms (k/k_D)^4 times about two.
    below = share < 0.25
    np.testing.assert_allclose(slow[below], slow_exact[below], rtol=0.02)
    np.testing.assert_allclose(fast, fast_exact, rtol=0.01)
    assert np.nanmin(rate) >= 0 and rate_exact.min() >= 0
    # Damping is important around k_D and small well below.
    for velocity in (0.1, 0.7):
        here = v == velocity
        relative = np.interp([0.1, 1.0], share[here], (rate_exact / slow_exact)[here])
        assert relative[0] < 1e-5 and 0.1 < relative[1] < 1


def test_computing_twice_gives_the_same_data() -> None:
    one, two = (wave_data.primordial(sites=8, box=4.0).field for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("config", "key"),
    [
        (DarkQed2(k_max=2000.0), "k_max"),
        (DarkQed2(k=(2000.0,), k_points=4, a_points=16), "k"),
        (DarkQed16(plasma=FigurePlasmaKeys(kind="constant", nu=1.0)), "plasma"),
        (DarkQed14(k_min=1.0, k_max_over_debye=0.1, velocities=(0.7,)), "velocities"),
    ],
)
def test_what_the_physics_refuses_names_the_key(
    config: DarkQed2 | DarkQed14 | DarkQed16, key: str
) -> None:
    with pytest.raises(BadValueError) as refused:
        figure.FIGURES[config.figure](config)
    assert refused.value.key == key


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        drawn = figure.FIGURES["dark_qed_13"](DarkQed13(k_points=16))
        picture.write(drawn, tmp_path / "not there", config="")
