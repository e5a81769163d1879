"""Draws the pictures of docs/gallery.md: figures of papers without a run, and those of one run.

    python website/gallery.py              # minutes on two cores

The pictures are small: 900 pixels wide, with at most 64 colours.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/figures/gallery"
WIDTH, COLOURS = 900, 64

KEYS = {
    "lattice.sites": "32",
    "lattice.box": "0.5",
    "lattice.order": "6",
    "initial.linear_until": "auto",
    "time.a_end": "16",
    "output.maps": "true",
}
"""Of the run, over those of choi2018_fig1."""

OF_THE_RUN = {
    "figures/series.png": "run_series",
    "figures/spectra.png": "run_spectra",
    "figures/spectra_A.png": "run_spectra_A",
    "figures/growth.png": "run_growth",
}


def drawn(folder: Path) -> Iterator[tuple[str, Path]]:
    """Draws everything in the folder; names and files of the pictures."""
    for path in sorted((ROOT / "configs/figures").glob("*.yaml")):
        out = folder / path.stem
        _darklat("figure", path.stem, "--out", str(out))
        yield path.stem, next(iter(sorted(out.rglob("*.png"))))
    run = folder / "run"
    keys = [word for key, value in KEYS.items() for word in ("--set", f"{key}={value}")]
    _darklat("run", "choi2018_fig1", *keys, "--out", str(run))
    for name, title in OF_THE_RUN.items():
        yield title, run / name
    maps = sorted((run / "maps").glob("*.png"))
    for place, title in ((1, "run_maps_before"), (-1, "run_maps_after")):
        yield title, maps[place]


def _darklat(*words: str) -> None:
    subprocess.run(["darklat", *words], check=True, stdout=subprocess.DEVNULL)


def small(source: Path, target: Path) -> None:
    """A picture with fewer pixels and colours."""
    picture = Image.open(source).convert("RGB")
    if picture.width > WIDTH:
        picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)))
    picture.quantize(COLOURS).save(target, optimize=True)


def main() -> None:
    """Replaces the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, source in drawn(Path(folder)):
            small(source, PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
