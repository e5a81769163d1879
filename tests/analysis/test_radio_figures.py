"""The figures of "Excess Radiation from Axion-Photon Conversion": refusals, files, and the physics."""

from __future__ import annotations

import csv
import os
import pty
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat import cli
from darklat.analysis import progress_bar
from darklat.analysis.papers import radio_data
from darklat.physics import conversion, thermal
from darklat.physics.radio import brightness, fit, global_signal
from darklat.physics.thermal.cosmology import ADDAZI
from darklat.schema.figure_radio import RadioExcess2
from darklat.storage import radio_files

ONE, TWO, THREE = (f"figure: radio_excess_{n}\n" for n in (1, 2, 3))
SMALL = {
    "1": f"{ONE}z_points: 3\nz_min: 5\nz_max: 200\nspectrum_file: spectrum.txt\n",
    "2": f"{TWO}B0_points: 5\nlambda_points: 4\nfrequency_points: 4\nmasses_eV: [3e-14]\n"
    "B0_min_gauss: 1e-11\nlambda_min_Mpc: 0.01\nlambda_max_Mpc: 1\npoints_file: points.txt\n",
    "3": f"{THREE}frequency_points: 5\nmasses_eV: [3e-14]\nshares: [0.08]\n",
}
FILES = {
    "spectrum.txt": "# k [1/Mpc] B^2 per ln k [nG^2]\n1 1e-2\n10 1e-2\n100 1e-2\n",
    "points.txt": "# f [GHz] T [K] sigma [K]\n0.408 16.24 3.4\n3.2 2.792 0.01\n9.72 2.732 0.006\n",
    "negative.txt": "# k [1/Mpc] B^2 per ln k [G^2]\n1 1e-20\n10 -1e-20\n",
    "unsorted.txt": "# k [1/Mpc] B^2 per ln k [G^2]\n10 1e-20\n1 1e-20\n",
    "without.txt": "1 1e-20\n10 1e-20\n",
    "short.txt": "# f [GHz] T [K] sigma [K]\n0.408 16.24\n",
    "hertz.txt": "# f [Hz] T [K] sigma [K]\n408 16.24 3.4\n",
}


pytestmark = pytest.mark.usefixtures("without_pictures")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


# ---- Refusals ----

REFUSED = {
    f"{ONE}frequency_Hz: 78": (":2:15: frequency_Hz: must be a frequency in Hz from 1000 to 1e+12, found 78; write 78e6 if it is in MHz, and e9 if in GHz",),
    f"{ONE}frequency_Hz: 2e12": (":2:15: frequency_Hz: must be a frequency in Hz from 1000 to 1e+12, found 2000000000000.0",),
    f"{ONE}frequency_Hz: 10 GHz": (":2:15: frequency_Hz: must be a", "the unit is in the key's name: write the number of Hz alone"),
    f"{ONE}masses_eV: [3e-14, 1e-7]": (":2:20: masses_eV[1]: 1e-07 eV has no resonance: since recombination photons in the plasma have had masses from ",),
    f"{ONE}coupling_per_GeV: -5e-13": (":2:19: coupling_per_GeV: must be a number greater than 0 and at most 1, found -5e-13",),
    f"{ONE}electrons: n_e": (":2:12: electrons: must be n_H or n_b, found the text 'n_e'",),
    f"{ONE}scale_invariant: {{k_min_per_Mpc: 200}}": ("scale_invariant.k_max_per_Mpc: must be greater than scale_invariant.k_min_per_Mpc, which is 200, found 100",),
    f"{ONE}z_max: 0.5": (":2:8: z_max: must be greater than z_min, which is 1, found 0.5",),
    f"{ONE}spectrum_file: none.txt": (":2:16: spectrum_file: there is no file 'none.txt'",),
    f"{ONE}spectrum_file: without.txt": ("without.txt:1:1: the magnetic spectrum does not say its units",),
    f"{ONE}spectrum_file: negative.txt": ("negative.txt:3:4: power per ln k is a mean square and must not be negative, found -1e-20",),
    f"{ONE}spectrum_file: unsorted.txt": ("unsorted.txt:3:1: k must increase from row to row, found 1.0 after 10.0",),
    f"{TWO}points_file: short.txt": ("short.txt:2:12: 2 numbers, needed are 3; uncertainty is missing",),
    f"{TWO}points_file: hertz.txt": ("hertz.txt:2:1: frequency must be 1000 Hz or more (is its unit another?)",),
    f"{TWO}points: arcade": (":2:9: points: must be arcade2_2011, dowell_taylor_2018 or dowell_taylor_2018_ten",),
    f"{TWO}B0_max_gauss: 1e-13": (":2:15: B0_max_gauss: must be greater than B0_min_gauss",),
    f"{TWO}lambda_max_Mpc: 2e-3\nB0_min_gauss: 1e-9\nmasses_eV: [3e-14]\nB0_points: 2\nlambda_points: 2": ("no field of this range of B0 and lambda_B is allowed by magnetohydrodynamics",),
    f"{THREE}masses_eV: [1e-7]": (":2:13: masses_eV[0]: 1e-07 eV has no resonance",),
    f"{THREE}coupling_per_GeV: 1": (":2:1: coupling_per_GeV: unknown key",),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[8:60].replace("\n", " "))
def test_bad_input_says_where_and_writes_nothing(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "fig.yaml"
    path.write_text(text + "\n")
    assert cli.main(["figure", str(path), "--out", str(folder / "out")]) == 2
    err = capsys.readouterr().err
    assert str(folder) in err and not (folder / "out").exists()
    for part in REFUSED[text]:
        assert part in err


# ---- Files and numbers ----


def test_steps_have_a_bar_on_a_terminal_once_they_take_long(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_bar, "DELAY", 0.0)
    assert list(progress_bar.steps([3, 1, 2], "some")) == [3, 1, 2]
    assert capfd.readouterr() == ("", "")  # no terminal, no bar
    reader, writer = pty.openpty()  # of unknown size
    with open(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert list(progress_bar.steps([3, 1, 2], "some")) == [3, 1, 2]
        assert b"some: " in os.read(reader, 1000)
    os.close(reader)


def drawn(folder: Path, number: str) -> tuple[dict[str, np.ndarray], h5py.File]:
    """The table figure_N as columns, and the HDF5."""
    path = folder / "fig.yaml"
    path.write_text(SMALL[number])
    out = folder / f"out{number}"
    assert cli.main(["figure", str(path), "--out", str(out)]) == 0
    kinds = {p.suffix for p in out.iterdir()}
    assert kinds == {".png", ".pdf", ".csv", ".h5", ".yaml"}
    table = out / f"figure_{number}{'_grid' if number == '2' else ''}.csv"
    with table.open(newline="") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, np.array(rows, dtype=float).T, strict=True)), h5py.File(
        out / f"figure_{number}.h5"
    )


GIVEN = {"coupling_per_gev": 5e-13, "mass_ev": 3e-14}


def test_figure_1_is_the_conversion_at_its_redshifts(folder: Path) -> None:
    columns, file = drawn(folder, "1")
    z = columns["z [1]"]
    np.testing.assert_allclose(z, np.geomspace(6, 201, 3) - 1, rtol=1e-12)
    fields = {
        "monochromatic": conversion.Monochromatic(1e-10, 100.0),
        "scale invariant": conversion.ScaleInvariant(1e-10, 1.0, 100.0),
    }
    for name, spectrum in fields.items():
        P = conversion.probability(1e10, spectrum=spectrum, z_end=z[0], **GIVEN)
        assert columns[f"P {name} m=3e-14 [1]"][0] == pytest.approx(float(P), rel=1e-12)
        line = float(global_signal.observed_hz(z[0]))
        P = conversion.probability(line, spectrum=spectrum, z_end=z[0], **GIVEN)
        exact = float(global_signal.converted_kelvin(z[0], P))
        assert columns[f"T_b {name} m=3e-14 [K]"][0] == pytest.approx(exact, rel=1e-12)
    # The table has B0^2 = 1e-20 G^2 per ln k between the same wave numbers.
    np.testing.assert_allclose(
        columns["P table m=3e-14 [1]"][0], columns["P scale invariant m=3e-14 [1]"][0], rtol=1e-6
    )
    with file:
        assert file.attrs["electrons"] == "n_H"
        assert file["figure_1/l_osc m=3e-13"].attrs["units"] == "Mpc"


def test_figure_2_is_chi_squared_of_the_conversion_of_each_field(folder: Path) -> None:
    columns, file = drawn(folder, "2")
    points = radio_files.read_points(folder / "points.txt")
    B0, length = columns["B0 [G]"], columns["lambda_B [Mpc]"]
    assert len(B0) == 20
    np.testing.assert_array_equal(
        columns["allowed peaked m=3e-14 [1]"], fit.MHD_GAUSS_PER_MPC * length >= B0
    )
    node = 4 * 1 + 2  # of a hundredth of a nG and a fifth of a Mpc: allowed
    for family in ("peaked", "scale_invariant"):
        spectrum = radio_data.spectrum_of(family, B0[node], length[node])
        frequencies = np.append(points.frequency_hz, brightness.EDGES_HZ)
        P = conversion.probability(frequencies, spectrum=spectrum, **GIVEN)
        T = brightness.brightness_kelvin(frequencies, P)
        # 1e-4: the table of responses and its splines.
        share = float(brightness.share_of_excess(T[-1]))
        assert columns[f"r {family} m=3e-14 [1]"][node] == pytest.approx(share, rel=1e-4)
        chi = float(points.chi_squared(T[:-1], extragalactic=True))
        assert columns[f"chi^2 {family} m=3e-14 [1]"][node] == pytest.approx(chi, rel=1e-4)
    with file:
        null = float(points.chi_squared(0.0, extragalactic=True))
        assert file.attrs["chi_squared_without_alps"] == pytest.approx(null, rel=1e-12)
        allowed = columns["allowed peaked m=3e-14 [1]"] > 0
        best = np.min(columns["chi^2 peaked m=3e-14 [1]"][allowed])
        assert file["figure_2_best/chi^2"][0] == best
        # The best field again, without the table of responses.
        assert file.attrs["chi_squared_best"] == pytest.approx(best, rel=1e-4)


def test_the_response_of_a_field_does_not_depend_on_its_strength() -> None:
    config = RadioExcess2()
    f = np.array([1e9])
    given = {
        "mass_eV": 3e-14,
        "coupling_per_GeV": config.coupling_per_GeV,
        "electrons": "n_H",
        "angular": "exact",
    }
    table = radio_data.response_of(f, waves=(50.0, 200.0), **given)
    P = conversion.probability(f, spectrum=conversion.Monochromatic(1e-12, 50.0), **GIVEN)
    np.testing.assert_allclose(1e-24 * table.per_gauss_squared[0], P, rtol=1e-6)
    assert conversion.saturated(1e-24 * table.per_gauss_squared[0]) == pytest.approx(P, rel=1e-6)


def test_figure_3_is_the_line_in_the_saturated_limit(folder: Path) -> None:
    columns, file = drawn(folder, "3")
    z, depth = columns["z [1]"], columns["dT_b m=3e-14 r=0.08 [K]"]
    with file:
        resonance = file.attrs["z_resonance m=3e-14"]
    assert resonance == np.max(conversion.resonances(3e-14))
    before, after = z > resonance, z < resonance
    assert before.any() and after.any()
    standard = columns["dT_b no ALPs [K]"]
    np.testing.assert_array_equal(depth[before], standard[before])
    # s (1 - T_cmb/T_gas) and s (1 - (T_cmb + e)/T_gas) give s and the temperature of the gas.
    excess, cmb = 0.08 * 2.698 * (1 + z[after]) ** 3, 2.725 * (1 + z[after])
    fall = (standard - depth)[after]
    gas = (standard[after] / fall) * excess + cmb
    known = thermal.matter_temperature_kelvin(z[after], cosmology=ADDAZI)
    np.testing.assert_allclose(gas, known, rtol=1e-9)
