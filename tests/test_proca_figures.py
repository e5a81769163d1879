"""Figures 3, 13 and 14 of "Dark QED from Inflation": what is written, and that it is the physics."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from darklat.analysis import proca_data
from darklat.analysis.proca_figures import FIGURES

HEADERS = {
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
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures") / "new"
    written = [path for draw in FIGURES.values() for path in draw(folder)]
    assert sorted(written) == sorted(folder.iterdir())
    return folder


def read(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array(rows, dtype=float)


@pytest.mark.parametrize("number", ["3", "13", "14"])
def test_pictures_are_there(drawn: Path, number: str) -> None:
    png = (drawn / f"figure_{number}.png").read_bytes()
    assert png.startswith(b"\x89PNG") and len(png) > 20_000
    assert (drawn / f"figure_{number}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", HEADERS)
def test_columns(drawn: Path, name: str) -> None:
    header, rows = read(drawn / f"{name}.csv")
    assert header == HEADERS[name]
    assert rows.shape[1] == len(header) and rows.shape[0] > 100
    # Only the rate of the one-velocity model ends, where omega = v_* k to rounding.
    complete = [i for i, column in enumerate(header) if "D.12b" not in column]
    assert np.all(np.isfinite(rows[:, complete]))


def test_figure_3(drawn: Path) -> None:
    _, spectrum = read(drawn / "figure_3_spectrum.csv")
    # A.9 is an envelope: 9 times too large outside, inside (x j_1)^2 is at most 1.13 (x = 2.74).
    assert spectrum[0, 2] / spectrum[0, 1] == pytest.approx(9, rel=1e-3)  # x^2/5 at x = .03
    assert np.all(spectrum[:, 1] < 1.14 * spectrum[:, 2])
    _, field = read(drawn / "figure_3_field.csv")
    square = np.mean(np.sum(field[:, 2:] ** 2, axis=1))
    # 1/4 less what the grid leaves out; one slice of 12^2 patches of unit size: 10 per cent.
    assert square == pytest.approx(0.25, rel=0.3)


def test_figure_13(drawn: Path) -> None:
    _, rows = read(drawn / "figure_13.csv")
    k = rows[:, 0]
    for mass, (slow, fast) in zip((0.3, 1.5), (rows[:, 1:3].T, rows[:, 3:5].T), strict=True):
        # Sum and product of the roots omega^2 of Eq. C.4: rounding.
        np.testing.assert_allclose(slow**2 + fast**2, k**2 + 1 + mass**2, rtol=1e-14)
        np.testing.assert_allclose(slow * fast, k, rtol=1e-14, atol=1e-15)


def test_figure_14(drawn: Path) -> None:
    _, rows = read(drawn / "figure_14.csv")
    v, k, share, slow, fast, rate, slow_exact, fast_exact, rate_exact = rows.T
    assert set(v) == {0.1, 0.7} and share.max() == pytest.approx(2, rel=1e-12)
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
    one, two = (proca_data.primordial(sites=8, box=4.0).field for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OSError):
        FIGURES["13"](blocked)
