"""Text files of the radio sky: the packaged points, units, and faults with their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from darklat.errors import ConfigError
from darklat.storage import radio_files

UNITS = "# f [MHz] T [K] sigma [mK]\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "sky.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_points() -> None:
    # Sums of the columns of the published tables, by a program from the texts that they came in.
    sums = {
        "arcade2_2011": (14, 445.515, 25601.519, 5649.242),
        "dowell_taylor_2018": (15, 45.265, 37627.999, 6962.876),
        "dowell_taylor_2018_ten": (10, 44.965, 23336.999, 4788.876),
    }
    for name, (count, *expected) in sums.items():
        path = radio_files.packaged_points(name)
        points = radio_files.read_points(path)
        assert len(points.frequency_hz) == count and np.all(np.diff(points.frequency_hz) > 0)
        assert path.read_text().count("Checked:") == 1  # each says against which table
        columns = (points.frequency_hz / 1e9, points.temperature_kelvin, points.sigma_kelvin)
        np.testing.assert_allclose([np.sum(column) for column in columns], expected, rtol=1e-12)


def test_chi_squared_of_the_packaged_points() -> None:
    # T_0 and galaxies alone, and the best T ~ f^-2 on top, of a least-squares fit outside of darklat.
    known = {
        "arcade2_2011": (128.10965, 59.59447),
        "dowell_taylor_2018": (240.78564, 132.24481),
        "dowell_taylor_2018_ten": (57.32623, 26.26651),
    }
    for name, expected in known.items():
        points = radio_files.read_points(radio_files.packaged_points(name))
        shape = (points.frequency_hz / 1e9) ** -2
        best = points.best_amplitude(shape, extragalactic=True)
        found = [points.chi_squared(each, extragalactic=True) for each in (0.0, best * shape)]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_points_of_a_user_in_other_units(tmp_path: Path) -> None:
    text = f"# mine\n{UNITS}\n# and more [words]\n310, 24.1; 2100  # ARCADE 2\n1e3 2.5 7\n"
    points = radio_files.read_points(written(tmp_path, text))
    np.testing.assert_allclose(points.frequency_hz, [310e6, 1e9])
    np.testing.assert_allclose(points.temperature_kelvin, [24.1, 2.5])
    np.testing.assert_allclose(points.sigma_kelvin, [2.1, 0.007])


def test_a_magnetic_spectrum_of_a_user(tmp_path: Path) -> None:
    path = written(tmp_path, "# k [1/kpc]  B^2 per ln k [nG^2]\n0.1 2\n0.5 0\n")
    k, power = radio_files.read_magnetic_spectrum(path)
    np.testing.assert_allclose(k, [100, 500])
    np.testing.assert_allclose(power, [2e-18, 0])


POINTS_REFUSED = {
    "310 24 2\n": (1, 1, "does not say its units: write a line like # frequency [GHz]"),
    "# f [MHz] T [K]\n310 24 2\n": (1, 1, "the line of units names 2 columns, needed are 3"),
    "# f [THz] T [K] s [K]\n": (1, 6, "the unit of frequency must be GHz, MHz, kHz or Hz"),
    f"{UNITS}310 24\n": (2, 7, "2 numbers, needed are 3; uncertainty is missing"),
    f"{UNITS}310 24 2 9\n": (2, 10, "4 numbers, needed are 3"),
    f"{UNITS}310 hot 2\n": (2, 5, "temperature must be a number, found 'hot'"),
    f"{UNITS}310 nan 2\n": (2, 5, "temperature must be finite"),
    f"{UNITS}310 -1 2\n": (2, 5, "temperature must not be negative, found -1.0"),
    f"{UNITS}310 24 0\n": (2, 8, "uncertainty must be positive"),
    "# f [Hz] T [K] s [K]\n\n78 900 20\n": (3, 1, "must be 1000 Hz or more (is its unit another?)"),
    UNITS: (1, 1, "a table of points has 1 rows or more"),
    "": (1, 1, "a table of points has 1 rows or more"),
}
SPECTRUM = "# k [1/Mpc] power [G^2]\n"
SPECTRA_REFUSED = {
    "1 2\n2 2\n": (1, 1, "the magnetic spectrum does not say its units"),
    "# k [h/Mpc] power [G^2]\n1 2\n": (1, 6, "the unit of k must be 1/Mpc, 1/kpc or 1/pc"),
    f"{SPECTRUM}1 2\n2 -2e-20\n": (3, 3, "is a mean square and must not be negative, found -2e-20"),
    f"{SPECTRUM}1 2\n3 2\n2 2\n": (4, 1, "k must increase from row to row, found 2.0 after 3.0"),
    f"{SPECTRUM}0 2\n3 2\n": (2, 1, "k must be positive"),
    f"{SPECTRUM}1 2\n": (2, 1, "a magnetic spectrum has 2 rows or more"),
}


@pytest.mark.parametrize("text", [*POINTS_REFUSED, *SPECTRA_REFUSED])
def test_faults_have_their_place(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    is_spectrum = text in SPECTRA_REFUSED
    line, column, message = (SPECTRA_REFUSED if is_spectrum else POINTS_REFUSED)[text]
    read = radio_files.read_magnetic_spectrum if is_spectrum else radio_files.read_points
    with pytest.raises(ConfigError) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}:{line}:{column}: ")
    assert message in str(refused.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.txt"):
        radio_files.read_points(tmp_path / "nowhere.txt")
    (tmp_path / "sky.txt").write_bytes(b"# \xe9\n")
    with pytest.raises(ConfigError, match=r"sky\.txt:1:3: byte 0xe9 is not UTF-8"):
        radio_files.read_points(tmp_path / "sky.txt")
