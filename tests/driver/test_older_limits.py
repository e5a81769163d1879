"""Runs whose numbers are outside the limits of this darklat, as an older one allowed them, and runs
of one that had no `lattice.order`."""

from __future__ import annotations

from pathlib import Path

import pytest

import darklat as dl
from darklat.cli import main
from darklat.driver import commands
from darklat.driver.status import status
from darklat.errors import ConfigError
from darklat.schema import Config, dump, loads
from models import BENCHMARK
from run_folders import everything

SEVERAL = (
    "name=old", "lattice.sites=8", "lattice.box=1", "time.courant=0.4", "model.couplings.XX=30",
    "output.series_interval=1e10", "model.alp.mass_eV=1e24", "model.alp.f_GeV=1e31",
)  # fmt: skip


def older(*overrides: str) -> Config:
    return loads(BENCHMARK, source="old.yaml", base=None, overrides=overrides, stored=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with an interval, a mass and an f that no run can begin with any more."""
    with pytest.raises(ConfigError, match="must be of size"):
        loads(BENCHMARK, source="old.yaml", base=None, overrides=SEVERAL)
    out = tmp_path_factory.mktemp("older") / "run"
    dl.run(older(*SEVERAL, "time.a_end=1"), out=out)
    return out


def test_it_is_analysed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers of today are left out, because g_* is not known so far back; the rest is there."""
    assert main(["analyze", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "Numbers of today are not known" in text
    assert "epsilon of X, last" in text and "Omega_phi" not in text
    assert "config.yaml was edited" not in text
    run = dl.open_run(folder)
    assert run.config.output.series_interval == 1e10
    assert len(run.series["a"]) == 2
    assert run.summary is not None and run.summary["omega_phi_h2"] is None
    assert "are not known" in run.report().read_text(encoding="utf-8")


def test_its_status_is_known(folder: Path) -> None:
    assert "finished" in status([folder])


def test_it_goes_on_under_the_limits_of_today(folder: Path) -> None:
    """A key that it has stays; a key that is given anew has the limits of today."""
    with pytest.raises(ConfigError) as caught:
        commands.resume(folder, overrides=["time.a_end=1e30", "output.spectra_interval=1e20"])
    assert [problem.file for problem in caught.value.problems] == [
        "--set time.a_end=1e30", "--set output.spectra_interval=1e20",
    ]  # fmt: skip
    commands.resume(folder, overrides=["time.a_end=1.2"])
    assert dl.open_run(folder).series["a"][-1] == pytest.approx(1.2)


def test_it_is_a_start_for_others(folder: Path) -> None:
    newest, a = sorted((folder / "checkpoints").iterdir())[-1], dl.open_run(folder).a
    start = (
        "initial.kind=file", f"initial.file={newest}", f"initial.a_start={a!r}",
        f"time.a_end={a + 0.2!r}",
    )  # fmt: skip
    run = dl.run(older(*SEVERAL, *start), out=folder.parent / "next")
    assert run.series["a"][0] == a


def test_a_run_without_an_order_goes_on_at_order_2_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its checkpoint, and from its config.yaml alone, the run that names order 2."""
    path = tmp_path / "c.yaml"
    path.write_text(BENCHMARK)
    small = ["lattice.sites=8", "time.a_end=0.8"]
    commands.run(path, overrides=small, out=tmp_path / "whole", backend="cpu")

    def without_an_order(config: Config) -> str:
        text = dump(config)
        assert text.count("  order: 2\n") == 1
        return text.replace("  order: 2\n", "")

    with monkeypatch.context() as patch:
        patch.setattr(commands, "dump", without_an_order)
        stopped = {"backend": "cpu", "stop_after": 3}
        commands.run(path, overrides=small, out=tmp_path / "saved", **stopped)
        commands.run(path, overrides=small, out=tmp_path / "bare", **stopped)
    for checkpoint in (tmp_path / "bare" / "checkpoints").iterdir():
        checkpoint.unlink()
    for name in ("saved", "bare"):
        assert "order" not in (tmp_path / name / "config.yaml").read_text()
        commands.resume(tmp_path / name, backend="cpu")
        assert everything(tmp_path / name) == everything(tmp_path / "whole")
