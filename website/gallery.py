"""Draws the pictures of docs/gallery.md that are missing: figures of papers, of runs and of a
ladder. A run is made only where a picture of it is wanted.

    python website/gallery.py              # those that are missing
    python website/gallery.py waves        # these
    python website/gallery.py --all        # all: a quarter of an hour on two cores

The pictures are small: 900 pixels wide, with at most 64 colours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/figures/gallery"
WIDTH, COLOURS = 900, 64


@dataclass(frozen=True)
class Source:
    """A command of darklat, and the pictures that it draws: names in the gallery, each with a
    pattern for its file in the folder that the command writes, and the place in a sorted list."""

    words: tuple[str, ...]
    pictures: dict[str, tuple[str, int]]


def sources() -> Iterator[Source]:
    """All of them."""
    for path in sorted((ROOT / "configs/figures").glob("*.yaml")):
        yield Source(("figure", path.stem), {path.stem: ("**/*.png", 0)})
    yield Source(
        _words("run", "choi2018_fig1", RUN),
        {
            "run_series": ("figures/series.png", 0),
            "run_spectra": ("figures/spectra.png", 0),
            "run_spectra_A": ("figures/spectra_A.png", 0),
            "run_growth": ("figures/growth.png", 0),
            "run_maps_before": ("maps/*.png", 1),
            "run_maps_after": ("maps/*.png", -1),
        },
    )
    yield Source(
        _words("run", "gravitational_waves", WAVES),
        {"waves": ("figures/gravitational_waves.png", 0)},
    )
    yield Source(
        _words("converge", "first_light", LADDER),
        {"convergence": ("convergence/convergence.png", 0)},
    )


RUN = {
    "lattice.sites": "32",
    "lattice.box": "0.5",
    "lattice.order": "6",
    "initial.linear_until": "auto",
    "time.a_end": "16",
    "output.maps": "true",
}
WAVES = {"lattice.sites": "32", "lattice.box": "0.5", "output.gravitational_waves": "{}"}
LADDER = {
    "lattice.sites": "32",
    "lattice.box": "0.375",
    "lattice.order": "6",
    "initial.linear_until": "auto",
    "time.a_end": "6",
    "converge": "{lattices: [16, 20, 24, 32], boxes: 1, steps: 1, seeds: 2, at: [6]}",
}
"""Keys over those of the configuration."""


def _words(command: str, name: str, keys: dict[str, str]) -> tuple[str, ...]:
    return command, name, *(w for key, value in keys.items() for w in ("--set", f"{key}={value}"))


def draw(source: Source, wanted: set[str], folder: Path) -> None:
    """Gives the command, in the folder, and keeps the pictures of it that are wanted."""
    _darklat(*source.words, "--out", str(folder))
    for name in sorted(wanted & set(source.pictures)):
        pattern, place = source.pictures[name]
        small(sorted(folder.glob(pattern))[place], PICTURES / f"{name}.png")


def _darklat(*words: str) -> None:
    subprocess.run(["darklat", *words], check=True, stdout=subprocess.DEVNULL)


def small(source: Path, target: Path) -> None:
    """A picture with fewer pixels and colours."""
    picture = Image.open(source).convert("RGB")
    if picture.width > WIDTH:
        picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)))
    picture.quantize(COLOURS).save(target, optimize=True)


def chosen(words: Sequence[str]) -> set[str]:
    """The names of the pictures that are asked for. Raises KeyError for one that is none."""
    every = {name for source in sources() for name in source.pictures}
    if list(words) == ["--all"]:
        return every
    for word in words:
        if word not in every:
            raise KeyError(f"{word} is no picture of the gallery; there are {sorted(every)}")
    return set(words) or {name for name in every if not (PICTURES / f"{name}.png").exists()}


def main(words: Sequence[str]) -> None:
    """Draws what is asked for."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = chosen(words)
    for source in sources():
        if wanted & set(source.pictures):
            with tempfile.TemporaryDirectory() as folder:
                draw(source, wanted, Path(folder) / "out")


if __name__ == "__main__":
    main(sys.argv[1:])
