"""The command `darklat` as a user meets it: exit codes, messages, no tracebacks, nothing half-made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat import cli
from darklat.driver import commands
from run_folders import CONFIG, everything

ROOT = Path(__file__).parents[2]


def darklat(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "darklat", *map(str, arguments)],
        cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], without_pictures: None
) -> Command:
    """`darklat` in this process, which spares seconds of imports; nothing may be raised."""

    def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(cwd)
        capsys.readouterr()
        code = cli.main([*map(str, arguments)])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(list(arguments), code, said.out, said.err)

    return run


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "short.yaml"
    path.write_text(CONFIG)
    return path


def refused(done: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_the_version_and_the_package_from_the_root_and_from_elsewhere(tmp_path: Path) -> None:
    for folder in (ROOT, tmp_path):
        assert darklat("--version", cwd=folder).stdout == f"darklat {version('darklat')}\n"
        subprocess.run(
            [sys.executable, "-c", "import darklat.analysis, darklat.lattice.lattice"],
            cwd=folder, check=True,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (("box: 0.5", "bux: 0.5"), (":6:22: lattice.bux: unknown key", "box")),
        (("a_end: 1.5", "a_end: soon"), (":7:15: time.a_end: must be a number", "soon")),
        (("mass_eV: 1e-17", "mass_eV: -1e-17"), (":3:18: model.alp.mass_eV: must be a number greater than 0",)),
        (("mass_eV: 1e-17", "mass_eV: .nan"), ("model.alp.mass_eV: must be a finite number greater than 0",)),
        (("time: {a_end: 1.5}", "time: {a_end: 1.5}\ntime: {a_end: 2}"), (":8:1: time: given twice", "line 7")),
        (("sites: 16", "sites: 1600"), (":6:18: lattice.sites: 1600^3 sites need", "GiB are available", "sites fit")),
        (("a_end: 1.5", "a_end: 1.5, courant: 1.2"), ("time.courant: 1.2 is unstable", "strang above 1.15")),
    ],
)  # fmt: skip
def test_bad_input_says_where_and_leaves_nothing(
    here: Command, config: Path, change: tuple[str, str], parts: tuple[str, ...]
) -> None:
    config.write_text(CONFIG.strip("\n").replace(*change))
    done = here("run", config.name, "--out", "out", cwd=config.parent)
    refused(done, 2, *parts)
    assert not (config.parent / "out").exists()
    assert done.stdout == ""


def test_numbers_of_yaml_1_2_and_overrides_reach_the_run(config: Path) -> None:
    done = darklat(
        "run",
        config.name,
        "--out",
        "out",
        "--set",
        "lattice.sites=8",
        "--set",
        "time.a_end=0.6",
        "--set",
        "output.snapshots=[]",
        cwd=config.parent,
    )
    assert done.returncode == 0, done.stderr
    with h5py.File(config.parent / "out" / "series.h5") as file:
        assert "mass_eV: 1.0e-17" in file.attrs["config"] and "sites: 8" in file.attrs["config"]
    assert "epsilon" in done.stdout  # the table
    assert (config.parent / "out" / "figures" / "series.png").stat().st_size > 10_000


def test_an_existing_run_folder_is_never_overwritten(here: Command, config: Path) -> None:
    out = config.parent / "out"
    out.mkdir()
    (out / "precious").write_text("x")
    refused(
        here("run", config.name, "--out", "out", cwd=config.parent),
        2,
        "exists already",
        "darklat resume out",
    )
    assert [p.name for p in out.iterdir()] == ["precious"]


def test_the_default_folder_is_named_after_the_run(here: Command, config: Path) -> None:
    config.write_text(
        CONFIG.replace("name: short", "name: 'a b/../c'")
        .replace("1.5", "0.51")
        .replace("snapshots: [0.7]", "")
    )
    assert here("run", config.name, cwd=config.parent).returncode == 0
    assert [p.name for p in (config.parent / "runs").iterdir()] == ["a_b_.._c"]


def test_a_coarse_box_is_warned_about_with_the_numbers(here: Command, config: Path) -> None:
    config.write_text(CONFIG.replace("sites: 16, box: 0.5", "sites: 16, box: 2"))
    done = here("validate", config.name, cwd=config.parent)
    assert done.returncode == 0
    assert "warning: lattice: the fastest growing mode reaches k tau_osc" in done.stdout
    assert "resolves k up to 3/4 of its largest, 12" in done.stdout


def test_validate_says_what_the_run_costs_and_writes_nothing(here: Command, config: Path) -> None:
    before = sorted(config.parent.iterdir())
    done = here("validate", config.name, cwd=config.parent)
    assert done.returncode == 0
    for word in ("steps", "memory", "time", "checkpoint"):
        assert word in done.stdout
    assert sorted(config.parent.iterdir()) == before


def test_a_failed_check_exits_3_and_keeps_the_evidence(here: Command, config: Path) -> None:
    done = here(
        "run",
        config.name,
        "--out",
        "out",
        "--set",
        "checks.energy_balance_max=1e-9",
        cwd=config.parent,
    )
    refused(
        done,
        3,
        "the error of the energy balance is",
        "checks.energy_balance_max = 1e-09",
        "Try a smaller time.courant",
    )
    with h5py.File(config.parent / "out" / "series.h5") as file:
        assert abs(file["energy_balance"][-1]) > 1e-9
    assert not (config.parent / "out" / "summary.json").exists()
    assert "error of the energy balance is" in (config.parent / "out" / "run.log").read_text()


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose run takes a second, and beside it the `whole` run."""
    path = tmp_path_factory.mktemp("longer") / "longer.yaml"
    path.write_text(CONFIG.replace("sites: 16", "sites: 32"))
    commands.run(path, overrides=[], out=path.parent / "whole", backend="cpu")
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2])
def test_a_signal_stops_with_85_and_resume_ends_in_the_same_bytes(
    here: Command, longer: Path, tmp_path: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "darklat", "run", str(longer), "--out", "out"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    log = tmp_path / "out" / "run.log"
    while process.poll() is None and not (log.exists() and "steps of dt" in log.read_text()):
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(number)
    _, stderr = process.communicate()
    assert process.returncode == 85, stderr
    assert number.name in stderr and "darklat resume" in stderr
    assert here("resume", "out", cwd=tmp_path).returncode == 0
    assert everything(tmp_path / "out") == everything(longer.parent / "whole")


def test_resume_and_analyze_of_nothing(here: Command, tmp_path: Path) -> None:
    refused(here("resume", "nowhere", cwd=tmp_path), 2, "nowhere is not a folder")
    (tmp_path / "empty").mkdir()
    refused(here("resume", "empty", cwd=tmp_path), 2, "there is no checkpoint in empty/checkpoints")
    assert here("analyze", "nowhere", cwd=tmp_path).returncode == 2


def test_no_compiler_exits_4_with_the_remedy(config: Path, tmp_path: Path) -> None:
    done = darklat(
        "run",
        config.name,
        "--backend",
        "cpu",
        cwd=tmp_path,
        CXX="/nonexistent/g++",
        DARKLAT_CACHE=str(tmp_path / "c"),
    )
    refused(done, 4, "no C++ compiler found", "apt install g++")
    doctor = darklat(
        "doctor", cwd=tmp_path, CXX="/nonexistent/g++", DARKLAT_CACHE=str(tmp_path / "c")
    )
    assert doctor.returncode == 4
    assert "MISSING  C++ compiler" in doctor.stdout


def test_asking_for_a_gpu_where_there_is_none_exits_4(here: Command, config: Path) -> None:
    from darklat.kernels.backends.gpu_errors import unusable

    if unusable() is None:
        pytest.skip("this machine has a GPU")
    refused(
        here("run", config.name, "--backend", "cuda", cwd=config.parent),
        4,
        "no GPU to run on",
        "with the backend cpu",
    )


def test_doctor_is_content_here(tmp_path: Path) -> None:
    done = darklat("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "ok       OpenMP" in done.stdout and "ok       kernels on the CPU" in done.stdout


@pytest.mark.parametrize("name", ["first_light", "choi2018_fig1", "reference"])
def test_the_shipped_configs_are_valid(name: str) -> None:
    from darklat.schema import load

    assert load(ROOT / "configs" / f"{name}.yaml").name


@pytest.mark.parametrize(("coupling", "code"), [("1e300", 2), ("1e9", 3)])
def test_numbers_out_of_range_end_without_a_traceback(
    here: Command, config: Path, coupling: str, code: int
) -> None:
    """Outside the range of the key, and within it but far too large for the steps."""
    done = here(
        "run", config.name, "--out", "out", "--set", f"model.couplings.XX={coupling}",
        cwd=config.parent,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_blow_up_between_outputs_is_seen_and_the_good_checkpoint_stays(
    here: Command, config: Path
) -> None:
    done = here(
        "run", config.name, "--out", "out", "--set", "model.couplings.XX=3000", "--set", "time.courant=0.5",
        "--set", "output.series_interval=100", "--set", "output.checkpoint_minutes=1e-4", "--set", "time.a_end=3",
        cwd=config.parent,
    )  # fmt: skip
    refused(done, 3, "Try a smaller time.courant")
    for path in (config.parent / "out" / "checkpoints").glob("*.h5"):
        with h5py.File(path) as file:
            assert np.isfinite(file["fields/X"][...]).all()


@pytest.mark.parametrize("out", ["short.yaml/sub", "x" * 300, "/proc/darklat"])
def test_a_folder_that_cannot_be_made_is_the_user_s_error(
    here: Command, config: Path, out: str
) -> None:
    refused(here("run", config.name, "--out", out, cwd=config.parent), 2, "--out")


def test_a_negative_device_is_refused(config: Path) -> None:
    refused(darklat("run", config.name, "--device", "-1", cwd=config.parent), 2, "--device")


def test_of_two_runs_that_want_one_folder_the_second_is_refused(config: Path) -> None:
    command = [sys.executable, "-m", "darklat", "run", config.name, "--out", "out"]
    runs = [
        subprocess.Popen(command, cwd=config.parent, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in runs]
    assert sorted(process.returncode for process in runs) == [0, 2], errors
