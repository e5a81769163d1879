"""Checkpoints: any damage is noticed before HDF5 sees it, and which of them stay."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands, loop
from darklat.driver.walltime import Budget
from darklat.errors import InputError, MachineError
from darklat.kernels.backends import kernel_identity
from darklat.physics.quantities import Described, State
from darklat.schema import dump
from darklat.storage import checkpoint, events, hdf5
from darklat.storage.checkpoint import BadCheckpoint
from darklat.storage.hdf5 import Provenance
from models import config, simulation

ORIGIN = Provenance("name: test\n", "a processor", "cpu", "0123")
SMALL = State(
    8, {"spent": 0.1}, {"fields/theta": Described(np.linspace(0, 1, 8), "1", "ALP field phi/f")}
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return checkpoint.write(tmp_path, SMALL, ORIGIN, number=3)


def test_what_is_written_is_read(small: Path) -> None:
    found = checkpoint.read(small)
    assert (found.number, found.config, found.state.step) == (3, "name: test\n", 8)
    assert found.state.numbers == SMALL.numbers
    (array,) = found.state.arrays.values()
    assert array.values.tobytes() == SMALL.arrays["fields/theta"].values.tobytes()
    assert small.read_bytes().startswith(b"darklat checkpoint\nformat 4\nnumber 3\nsha256 ")


def refusal(path: Path) -> str:
    """Why a checkpoint is refused: one sentence."""
    with pytest.raises(BadCheckpoint) as caught:
        checkpoint.read(path)
    reason = str(caught.value)
    assert reason and "\n" not in reason
    return reason


def test_every_single_byte_of_a_small_checkpoint_counts(small: Path) -> None:
    good, flips = small.read_bytes(), np.random.default_rng(5)
    assert len(good) < 20_000
    with open(small, "r+b", buffering=0) as file:
        for place, byte in enumerate(good):
            file.seek(place)
            file.write(bytes([byte ^ int(flips.integers(1, 256))]))
            refusal(small)
            file.seek(place)
            file.write(bytes([byte]))
    checkpoint.read(small)


def test_a_sample_of_the_bytes_of_a_run_s_checkpoint_counts(tmp_path: Path) -> None:
    sim = simulation("lattice.sites=8", "time.a_end=0.6")
    sim.start()
    path = checkpoint.write(tmp_path, sim.state(), ORIGIN, number=0)
    good, chosen = path.read_bytes(), np.random.default_rng(6)
    for place in [*chosen.integers(0, len(good), 400), 0, len(good) - 1]:
        bad = bytearray(good)
        bad[place] ^= 1 << int(chosen.integers(8))
        path.write_bytes(bad)
        refusal(path)
    for length in chosen.integers(1, len(good), 30):
        path.write_bytes(good[:length])
        refusal(path)
    path.write_bytes(good + b"\0")
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("empty", "it is empty"),
        ("text", "it has no seal"),
        ("foreign HDF5", "it has no seal"),
        (
            "a newer format",
            "it has format 5, this darklat reads formats 3 to 4: resume with the version",
        ),
        ("truncated", "it is damaged"),
    ],
)
def test_useless_files_are_refused_in_one_sentence(small: Path, kind: str, reason: str) -> None:
    good = small.read_bytes()
    if kind == "foreign HDF5":
        with h5py.File(small, "w") as file:
            file["x"] = np.arange(3)
    else:
        small.write_bytes(
            {
                "empty": b"",
                "text": b"step,theta\n" * 99,
                "a newer format": good.replace(b"format 4", b"format 5"),
                "truncated": good[: len(good) // 2],
            }[kind]
        )
    assert reason in refusal(small)
    with pytest.raises(
        InputError, match=r"cannot be resumed: no checkpoint verifies: step-0{8}8.h5: .*darklat run"
    ):
        (small.parent / "checkpoints").mkdir()
        small.rename(small.parent / "checkpoints" / small.name)
        commands.resume(small.parent, backend="cpu")


def sealed_again(path: Path) -> None:
    """Gives a file that was changed the seal of one that was not."""
    data = path.read_bytes()[checkpoint.SEAL_BYTES :]
    seal = checkpoint.Seal(checkpoint.FORMAT, 3, hashlib.sha256(data).hexdigest())
    path.write_bytes(seal.block() + data)


def test_datasets_and_metadata_have_hashes_of_their_own(small: Path) -> None:
    """Against what a seal cannot see: a file that was wrong when it was sealed."""
    with h5py.File(small, "r+") as file:
        file["fields/theta"][3] = np.nextafter(file["fields/theta"][3], 1)
    sealed_again(small)
    assert "dataset fields/theta does not match its hash" in refusal(small)
    checkpoint.write(small.parent, SMALL, ORIGIN, number=3)
    with h5py.File(small, "r+") as file:
        file.attrs["step"] = 9
    sealed_again(small)
    assert "its metadata do not match" in refusal(small)


def test_a_disk_that_does_not_give_back_what_was_written_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = hdf5.create

    def wrong(path: Path, *arguments: object, **keywords: object) -> None:
        create(path, *arguments, **keywords)  # type: ignore[arg-type]
        with h5py.File(path, "r+") as file:
            file["fields/theta"][0] = 7

    monkeypatch.setattr(hdf5, "create", wrong)
    with pytest.raises(MachineError, match="dataset fields/theta is not what was written"):
        checkpoint.write(tmp_path, SMALL, ORIGIN, number=0)
    assert list(tmp_path.iterdir()) == []


def kept(folder: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("step-")) for path in folder.glob("*.h5"))


def write_and_tidy(folder: Path, steps: range, *, keep: int, keep_every: int) -> list[int]:
    for number, step in enumerate(steps):
        checkpoint.write(folder, dataclasses.replace(SMALL, step=step), ORIGIN, number=number)
        checkpoint.remove_old(folder, step=step, keep=keep, keep_every=keep_every)
    return kept(folder)


@pytest.mark.parametrize(
    ("keep", "every", "left"),
    [(2, 0, [80, 88]), (1, 4, [0, 32, 64, 88]), (3, 1, list(range(0, 96, 8)))],
)
def test_the_last_ones_stay_and_one_in_so_many(
    tmp_path: Path, keep: int, every: int, left: list[int]
) -> None:
    assert write_and_tidy(tmp_path, range(0, 96, 8), keep=keep, keep_every=every) == left


def test_a_damaged_file_ahead_of_the_run_does_not_cost_the_good_one(tmp_path: Path) -> None:
    """As after a resume that rejected the newest."""
    ahead = checkpoint.path_of(tmp_path, 88)
    ahead.write_bytes(b"damaged")
    assert write_and_tidy(tmp_path, range(0, 48, 8), keep=1, keep_every=0) == [40, 88]
    found, rejected = checkpoint.newest(tmp_path)
    assert found.state.step == 40 and rejected[0][0] == "step-000000088.h5"
    assert rejected[0][1].startswith("it has no seal")


def test_numbers_go_on_after_a_resume(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(dump(config("lattice.sites=8", "time.a_end=0.8", "output.checkpoints_kept=9")))
    folder, _ = commands.run(path, overrides=[], out=tmp_path / "run", backend="cpu", stop_after=8)
    commands.resume(folder, backend="cpu", stop_after=16)
    numbers = [
        checkpoint.read_seal(path).number for path in sorted(folder.glob("checkpoints/*.h5"))
    ]
    assert numbers == [0, 1, 2]


def test_what_gives_other_bits_is_named() -> None:
    origin = {
        "backend": "cpu", "kernels": "0123", "device": "a processor", "darklat_version": "0.1.0",
        "library_versions": ORIGIN.attributes()["library_versions"],
    }  # fmt: skip
    assert ORIGIN.differences(origin) == []
    (line,) = ORIGIN.differences(origin | {"backend": "cuda"})
    assert line == "written with backend cuda, this is cpu"
    (line,) = ORIGIN.differences(origin | {"kernels": "4567", "device": "another"})
    assert line.startswith("written on another with darklat 0.1.0; here the kernels are compiled")
    versions = json.dumps(json.loads(str(origin["library_versions"])) | {"scipy": "1.0"})
    (line,) = ORIGIN.differences(origin | {"library_versions": versions})
    assert line.startswith("written with scipy 1.0, this is ")


def test_resume_with_other_kernels_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(dump(config("lattice.sites=8", "time.a_end=0.8")))
    folder, _ = commands.run(path, overrides=[], out=tmp_path / "run", backend="cpu", stop_after=8)
    identity = kernel_identity(simulation().backend)
    assert checkpoint.newest(folder / "checkpoints")[0].origin["kernels"] == identity
    monkeypatch.setattr(commands, "kernel_identity", lambda _: "another")
    commands.resume(folder, backend="cpu", stop_after=16)
    assert "the bits of the result will differ, by rounding" in (folder / "run.log").read_text()


def test_series_and_spectra_are_cut_back_to_the_checkpoint(tmp_path: Path) -> None:
    """A process killed after it wrote the series and before the checkpoint leaves rows that come
    again."""
    path = tmp_path / "config.yaml"
    path.write_text(dump(config("lattice.sites=8", "time.a_end=1", "output.spectra_interval=0.1")))
    folder, _ = commands.run(path, overrides=[], out=tmp_path / "run", backend="cpu", stop_after=8)
    sim = simulation("lattice.sites=8", "time.a_end=1", "output.spectra_interval=0.1")
    sim.restore(checkpoint.read(checkpoint.path_of(folder / "checkpoints", 8)).state)
    before = len(sim.series.rows), len(sim.spectra.times)
    while sim.done < 32:
        sim.step()
        if sim.closed:
            sim.record()
    assert (len(sim.series.rows), len(sim.spectra.times)) > before
    with events.Recorder(folder) as record:
        loop.flush(sim, loop.Output(folder, ORIGIN, record))
    commands.resume(folder, backend="cpu", budget=Budget(), stop_after=0)
    with h5py.File(folder / "series.h5") as series, h5py.File(folder / "spectra.h5") as spectra:
        assert (len(series["tau"]), len(spectra["theta/tau"])) == before
