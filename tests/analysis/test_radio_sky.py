"""`darklat analyze DIR --with FILE`: the magnetic field of a run, and a radio background from
it."""

from __future__ import annotations

import math
from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat
from darklat import cli
from darklat.analysis import radio_sky_text
from darklat.errors import ConfigError
from darklat.physics import conversion
from darklat.physics.radio import brightness
from darklat.schema import analysis_file
from darklat.storage import radio_sky_file
from synthetic_run import CONFIG, STATIC, make_run

NAME = "alp_photon_conversion"
KIND = f"analysis: {NAME}\n"
FAST = f"{KIND}frequency_points: 4\n"


def with_units(folder: Path) -> Path:
    """A synthetic run whose spectra say their units."""
    with h5py.File(folder / "spectra.h5", "r+") as file:
        for group in file.values():
            group["k"].attrs["units"] = "1/tau_osc"
            group["power"].attrs["units"] = "f^2/tau_osc^2"
    return folder


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run of the benchmark with a photon, on 16^3 sites."""
    folder = tmp_path_factory.mktemp("runs") / "benchmark"
    config = darklat.load("choi2018_fig1", {"lattice.sites": 16, "time.a_end": 1.0})
    darklat.run(config, out=folder, backend="cpu")
    return folder


def test_a_run_goes_to_a_temperature_in_one_command(
    benchmark: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    assert cli.main(["analyze", str(benchmark), "--with", NAME]) == 0
    said = capsys.readouterr().out
    sky = radio_sky_file.read(benchmark / "radio_sky.h5")
    assert sky is not None and sky.field == "B_A" and sky.electrons == "n_H"
    assert " ".join(said.split()).startswith(sky.words)
    below = round(math.log10(sky.share))
    assert f"a factor 1e{below} below the excess; B0 would have to be " in sky.words
    assert "T_b today at 78 MHz [K]" in said and "the same without ALPs" in said
    names = {
        "radio_sky.h5",
        "radio_sky.yaml",
        *(f"figures/radio_sky.{x}" for x in ("png", "pdf", "csv")),
    }
    assert all((benchmark / name).is_file() for name in names)
    run = darklat.open_run(benchmark)
    assert run.summary is not None
    # B of the photon's density, in which a conductor leaves next to no E.
    assert sky.B_gauss == pytest.approx(run.summary["B_today_gauss"], rel=1e-6)
    again = run.radio_sky(benchmark / "radio_sky.yaml")
    np.testing.assert_array_equal(again.brightness, sky.brightness)
    assert again.words == sky.words
    request.getfixturevalue("without_pictures")
    run.report()
    page = (benchmark / "report.html").read_text()
    assert "Radio sky" in page and "below the excess" in page and "radio_excess" not in page


def test_the_background_is_that_of_the_field_of_today(benchmark: Path) -> None:
    sky = darklat.open_run(benchmark).radio_sky(NAME)
    spectrum = conversion.Tabulated(sky.k, sky.power)
    P = conversion.probability(
        sky.frequency, mass_ev=3e-14, coupling_per_gev=5e-13, spectrum=spectrum
    )
    np.testing.assert_allclose(sky.probability, P, rtol=1e-12)
    np.testing.assert_allclose(sky.brightness, brightness.brightness_kelvin(sky.frequency, P))
    edges = float(brightness.brightness_kelvin(78e6, sky.probability_edges))
    assert sky.brightness_edges_kelvin == pytest.approx(edges, rel=1e-12)


def test_the_field_that_would_do_does(tmp_path: Path) -> None:
    folder = with_units(make_run(tmp_path / "run"))
    strong = f"{FAST}coupling_per_GeV: 1e-11\n"
    sky = darklat.open_run(folder).radio_sky(written(tmp_path, f"{strong}mixing: 1e-9\n"))
    assert sky.field == "1e-09 B_X" and 0 < sky.share < 1
    factor = sky.B_needed_gauss / sky.B_gauss
    assert factor * 1e-9 <= 1
    enough = written(tmp_path, f"{strong}mixing: {float(factor * 1e-9)!r}\n")
    assert darklat.open_run(folder).radio_sky(enough).share == pytest.approx(1, rel=1e-6)


def test_a_field_that_is_not_to_be_trusted_is_said_to_be(tmp_path: Path) -> None:
    folder = with_units(make_run(tmp_path / "run", rows=41))
    path = written(tmp_path, f"{FAST}mixing: 1e-3\n")
    sky = darklat.open_run(folder).radio_sky(path)
    assert sky.doubt == "" and "not to be trusted" not in radio_sky_text.table(sky)
    with h5py.File(folder / "series.h5", "r+") as file:
        file["power_at_cutoff"][...] = 0.9
    sky = darklat.open_run(folder).radio_sky(path)
    assert sky.doubt == "energy at the cutoff"
    assert "not to be trusted, because a check of the run fails" in radio_sky_text.table(sky)


def test_words_for_every_size() -> None:
    given = {"B_gauss": 1e-10, "B_needed_gauss": 2e-10, "brightness_edges_kelvin": 1.0}
    said = radio_sky_text.in_words("B_A", share=3e-4, **given)
    assert "a factor 1e-4 below the excess; B0 would have to be 2e-10 G in place of 1e-10 G" in said
    assert "a factor 0.25 of the excess" in radio_sky_text.in_words("B_A", share=0.25, **given)
    assert "B0 need only be" in radio_sky_text.in_words("B_A", share=4.0, **given)
    assert "none at all" in radio_sky_text.in_words("B_A", share=0.0, **given)
    never = {**given, "B_needed_gauss": math.inf}
    assert "no B0 would do" in radio_sky_text.in_words("B_A", share=1e-4, **never)


REFUSED = {
    "": (":1:1: mixing: missing: ", "no photon, whose B the ALPs need; give mixing, as in B = mixing B_X"),
    "mixing: -1": (":2:9: mixing: must be a number greater than 0 and at most 1, found -1",),
    "mass_eV: 1e-7": (":2:10: mass_eV: 1e-07 eV has no resonance",),
    "coupling_per_GeV: -1": (":2:19: coupling_per_GeV: must be a number greater than 0",),
    "frequency_min_Hz: 22": (":2:19: frequency_min_Hz: must be a frequency in Hz", "write 22e6 if it is in MHz"),
    "frequency_max_Hz: 1e6": (":2:19: frequency_max_Hz: must be greater than frequency_min_Hz",),
    "mixng: 1": (":2:1: mixng: unknown key; did you mean mixing?",),
    "points_file: none.txt": (":2:14: points_file: there is no file",),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_bad_input_says_where(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = with_units(make_run(tmp_path / "run", rows=41))
    path = written(tmp_path, f"{KIND}{text}\n")
    before = sorted(folder.rglob("*"))
    assert cli.main(["analyze", str(folder), "--with", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(str(path))
    for part in REFUSED[text]:
        assert part in err
    assert sorted(folder.rglob("*")) == before


def test_a_run_that_has_no_field_for_today_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, f"{FAST}mixing: 1e-3\n")
    for name, config, said in (
        ("static", STATIC, "has a background of kind static"),
        ("heavy", CONFIG.replace("role: dark", "role: dark, mass_eV: 1e-18"), "X of "),
    ):
        folder = with_units(make_run(tmp_path / name, config=config, rows=41))
        with pytest.raises(ConfigError, match=said):
            darklat.open_run(folder).radio_sky(path)
    units = make_run(tmp_path / "units", rows=41)
    assert cli.main(["analyze", str(units), "--with", str(path)]) == 2
    assert "spectra.h5: B_X_plus/k has no attribute units" in capsys.readouterr().err
    with h5py.File(with_units(units) / "spectra.h5", "r+") as file:
        file["B_X_minus/power"].attrs["units"] = "G^2"
    assert cli.main(["analyze", str(units), "--with", str(path)]) == 2
    assert "B_X_minus/power is in G^2" in capsys.readouterr().err


def test_the_kind_of_the_analysis_is_named(tmp_path: Path) -> None:
    said = {
        "analysis: alp_photon\n": ":1:11: analysis: must be alp_photon_conversion or gravitational_waves",
        "mixing: 1\n": ":1:1: analysis: missing; write for example analysis: alp_photon_conv",
    }
    for text, part in said.items():
        with pytest.raises(ConfigError, match=part):
            analysis_file.load(written(tmp_path, text))


def test_a_spectrum_that_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, f"{FAST}mixing: 1e-3\n")
    for name, item, values, said in (
        ("negative", "power", -1.0, "power must be finite and not negative"),
        ("unsorted", "k", 1.0, "k must be positive and rise from point to point"),
    ):
        folder = with_units(make_run(tmp_path / name, rows=41))
        with h5py.File(folder / "spectra.h5", "r+") as file:
            for sign in ("plus", "minus"):
                file[f"B_X_{sign}/{item}"][..., 4] = values
        assert cli.main(["analyze", str(folder), "--with", str(path)]) == 2
        err = capsys.readouterr().err
        assert f"{path}:1:11: analysis: " in err and said in err


def test_with_is_for_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["analyze", str(tmp_path), str(tmp_path), "--with", NAME]) == 2
    assert "--with is for one run" in capsys.readouterr().err
    assert cli.main(["analyze", str(tmp_path / "no"), "--with", NAME]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_a_damaged_file_of_results_is_said_to_be(tmp_path: Path) -> None:
    assert radio_sky_file.read(tmp_path / "radio_sky.h5") is None
    (tmp_path / "radio_sky.h5").write_bytes(b"no HDF5")
    with pytest.raises(darklat.errors.InputError, match="cannot be read"):
        radio_sky_file.read(tmp_path / "radio_sky.h5")
