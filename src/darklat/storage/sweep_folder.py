"""The folder of a sweep or a ladder: one run folder per run, and sweep.json, which lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from darklat.errors import InputError
from darklat.schema.ladder import KEYS, Ladder
from darklat.schema.sweep import Sweep
from darklat.storage import formats
from darklat.storage.hdf5 import replace

INDEX = "sweep.json"


def is_sweep(folder: Path) -> bool:
    """Whether the folder belongs to a sweep."""
    return (folder / INDEX).is_file()


@dataclass(frozen=True)
class Orders:
    """The orders that the scheme promises: in dx at a fixed dt/dx, of the stencils by themselves,
    and in the step alone."""

    lattice: int
    stencils: int
    step: int


@dataclass(frozen=True)
class LadderFile:
    """A ladder that has been run, and its runs in their order: folders, and values by key."""

    ladder: Ladder
    orders: Orders
    runs: tuple[tuple[Path, dict[str, Any]], ...]


def make(folder: Path, sweep: Sweep, orders: Orders | None = None) -> None:
    """Makes the folder and writes the list of its runs, in place of an earlier call's list. A
    ladder needs `orders`.

    Raises InputError for a folder that is something else, MachineError when the disk refuses.
    """
    try:
        occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
        if occupied and not is_sweep(folder):
            raise InputError(
                f"{folder} exists already and is not the folder of a sweep: choose another "
                "folder (--out), or remove it"
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be used: {error}; choose another folder (--out)"
        ) from error
    data: dict[str, Any] = {
        **formats.stamp(),
        "name": sweep.name,
        "keys": sweep.keys,
        "runs": [{"folder": run.name, "values": run.values} for run in sweep.runs],
    }
    if sweep.ladder is not None and orders is not None:
        data["ladder"] = {**asdict(sweep.ladder), "orders": asdict(orders)}
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    replace(folder / INDEX, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def read(folder: Path) -> tuple[Path, ...]:
    """The folders of a sweep's runs, in order. Raises InputError when it cannot be read."""
    with _reading(folder) as data:
        names = [str(run["folder"]) for run in data["runs"]]
    _refuse_outside(folder, names)
    return tuple(folder / name for name in names)


def read_ladder(folder: Path) -> LadderFile | None:
    """The ladder in a folder, or None for a sweep. Raises InputError when it cannot be read."""
    runs = read(folder)
    with _reading(folder) as data:
        if "ladder" not in data:
            return None
        found = data["ladder"]
        own = {key: found["configuration"][key] for key in KEYS}
        ladder = Ladder(own, tuple(float(time) for time in found["at"]))
        orders = Orders(*(int(found["orders"][x.name]) for x in fields(Orders)))
        values = [{key: run["values"][key] for key in KEYS} for run in data["runs"]]
    return LadderFile(ladder, orders, tuple(zip(runs, values, strict=True)))


@contextmanager
def _reading(folder: Path) -> Iterator[dict[str, Any]]:
    """The contents of the list; inside, what does not fit becomes an InputError."""
    try:
        data = json.loads((folder / INDEX).read_text("utf-8"))
        formats.refuse_newer(folder / INDEX, data)
        yield data
    except InputError:  # a newer format
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder / INDEX} is not the list of a sweep ({error}); `darklat run` or `darklat "
            "submit` of the sweep's configuration writes it again"
        ) from error


def _refuse_outside(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        if Path(name).name != name:
            raise InputError(f"{folder / INDEX} names {name!r}, which is no folder in {folder}")
