"""The notebooks of examples/ run, with a smaller lattice, and their numbers are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {"lattice.sites": 8, "lattice.box": 0.125, "time.a_end": 1.5}


def executed(name: str, **parameters: object) -> dict[str, object]:
    """The names of an example after its last cell, with other values in its cell of parameters."""
    cells = (EXAMPLES / name).read_text("utf-8").split("# %%")
    (place,) = [i for i, cell in enumerate(cells) if cell.startswith(' tags=["parameters"]')]
    cells.insert(place + 1, "\n" + "\n".join(f"{k} = {v!r}" for k, v in parameters.items()) + "\n")
    found: dict[str, object] = {"__name__": "__main__"}
    exec(compile("# %%".join(cells), name, "exec"), found)
    return found


@pytest.fixture(autouse=True)
def headless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)


def test_first_light(tmp_path: Path) -> None:
    found = executed("first_light.py", OVERRIDES=SMALL, FOLDER=str(tmp_path / "run"))
    run = found["run"]
    assert run.finished and found["r"] == run.summary["r"]
    # In the vacuum the helicities are alike; of what has grown since, only one is there.
    chirality = found["chirality"]
    assert abs(chirality[0]) < 0.2 and chirality[-1] == pytest.approx(-1, abs=1e-3)
    assert chirality[-1] < 0 < run.series["theta_mean"][0]


def test_own_observable() -> None:
    found = executed("own_observable.py", OVERRIDES=SMALL, UNTIL_A=1.4, BORDER=150.0)
    simulation, a = found["simulation"], found["a"]
    assert a[0] == 0.5 and a[-1] == simulation.a and len(a) == 10
    # Both bands together are a^4 rho_B, and with E they are a^4 rho_X.
    found_E = simulation.spectra_now()
    E_sq = sum(found_E[f"E_X_{part}"].mean_square for part in ("plus", "minus", "long"))
    rho = simulation.row_now()["rho/X"]
    together = found["low"][-1] + found["high"][-1] + E_sq / 2
    assert together == pytest.approx(simulation.a**4 * rho, rel=1e-12)
    assert np.all(found["low"] > 0) and np.all(found["high"] > 0)
    assert len(found["figure"].axes[0].lines) == 2


def test_helical_start(tmp_path: Path) -> None:
    found = executed("helical_start.py", SITES=8, BOX=0.5, WAVES=1, FOLDER=str(tmp_path))
    # omega^2 = k^2 -+ k g theta' with k = 12.6 and g theta' down to -18: one helicity grows.
    growth = found["growth"]
    assert growth["left"] > 1e3 and 0.1 < growth["right"] < 10
    assert found["rows"]["left"]["gauss/X"] < 1e-15
    simulation = found["simulation"]
    plus, minus = simulation.spectra["B_X_plus"], simulation.spectra["B_X_minus"]
    assert plus.power[0] @ plus.dlnk < 1e-28 * (minus.power[0] @ minus.dlnk)  # rounding


def test_spectra_to_the_sky(tmp_path: Path) -> None:
    small = SMALL | {"initial.linear_until": None}
    found = executed("spectra_to_the_sky.py", OVERRIDES=small, FOLDER=str(tmp_path / "run"))
    sky, lines = found["sky"], found["figure"].axes[0].lines
    assert "below" in sky.words and np.all(sky.brightness >= 0)
    assert len(lines) == 3
    # 0.1 nG explains an excess of the order of the observed one at 1 GHz; the run's B does not.
    measured = np.interp(1e9, *lines[2].get_data())
    assert 1e-3 < np.interp(1e9, *lines[0].get_data()) / measured < 1e3
    assert np.interp(1e9, *lines[1].get_data()) < 1e-9 * measured


def test_scan_with_error_bars(tmp_path: Path) -> None:
    small = SMALL | {"initial.linear_until": None}
    found = executed(
        "scan_with_error_bars.py", OVERRIDES=small, COUPLINGS=[80, 100], SEEDS=[1, 2],
        FOLDER=str(tmp_path),
    )  # fmt: skip
    epsilon = found["epsilon"]
    assert epsilon["seeds"].tolist() == [2, 2] and epsilon["model.couplings.XX"].tolist() == [
        80,
        100,
    ]
    assert epsilon["mean"][1] > 2 * epsilon["mean"][0] > 0  # exp(g ...): more grows
    values = [found["table"]["epsilon"][i] for i in (0, 1)]
    assert epsilon["scatter"][0] == pytest.approx(np.std(values, ddof=1))


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.suffix == ".py"} == {
        "first_light.py", "helical_start.py", "own_observable.py", "scan_with_error_bars.py",
        "spectra_to_the_sky.py",
    }  # fmt: skip
