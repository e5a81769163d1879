"""The pages of the site: every key, every dataset, commands and YAML that darklat accepts."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import darklat as dl
from darklat import arguments
from darklat.lattice.sectors.base import Densities, Moment

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "website"))
import pages  # noqa: E402 (the site's own module, which is not installed)

MARKDOWN = sorted(
    [ROOT / "README.md", ROOT / "runs/README.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda path: path.relative_to(ROOT).as_posix(),
)
SECTIONS = {
    "name", "model", "units", "background", "lattice", "initial", "time", "output", "checks",
    "sweep", "converge",
}  # fmt: skip


def blocks(text: str) -> Iterator[str]:
    """The code blocks of a page, indented or fenced."""
    fenced = re.compile(r"^```.*?\n(.*?)^```", re.M | re.S)
    yield from (found[1] for found in fenced.finditer(text))
    for found in re.finditer(r"(?:^(?: {4}.*)?\n)+", fenced.sub("", text), re.M):
        block = re.sub(r"^ {4}", "", found[0], flags=re.M).strip("\n")
        if block:
            yield block


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of every `darklat ...` in the code blocks of a page that is no placeholder,
    without the shell's variables."""
    for block in blocks(text):
        for line in re.sub(r"\\\n", " ", block).splitlines():
            for part in re.split(r"&&|;|\bdo\b|^\s*\$", line):
                words = part.split("#")[0].strip()
                if words.startswith("darklat ") and not re.search(r"[|<>(]|\.\.\.", words):
                    yield [word for word in shlex.split(words)[1:] if not word.startswith("$")]


def accepted(words: list[str]) -> bool:
    """Whether the command line takes these arguments."""
    try:
        arguments.parser().parse_args(words)
    except (SystemExit, argparse.ArgumentError):
        return False
    return True


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_and_configurations_of_a_page_are_accepted(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not [words for words in commands(text) if not accepted(words)]
    for block in blocks(text):
        if (first := re.match(r"(\w+): *(?:$|[{\[])", block)) and first[1] in SECTIONS:
            given = yaml.safe_load(block)
            assert set(given) <= SECTIONS, block
            for ladder in ("sweep", "converge"):
                given.pop(ladder, None)
            dl.loads((ROOT / "configs/first_light.yaml").read_text("utf-8"), flat(given))


def flat(keys: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested keys as dotted ones."""
    found: dict[str, Any] = {}
    for name, value in keys.items():
        if isinstance(value, dict) and value and name not in ("couplings", "fields"):
            found |= flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def python_of(text: str) -> str:
    """The fenced Python blocks of a page, one after another."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S))


EXECUTED = [path for path in MARKDOWN if python_of(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_python_of_a_page_runs(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(python_of(path.read_text("utf-8")), path.name, "exec"), found)
    for numbers in AFTERWARDS[path.relative_to(ROOT / "docs").as_posix()](found):
        assert np.all(numbers), numbers


def of_the_own_start(found: dict[str, Any]) -> Iterator[object]:
    run, row = found["run"], found["row"]
    yield run.finished and row["gauss/X"] < 1e-14
    yield run.series["rho/X"][0] == pytest.approx(row["rho/X"], rel=1e-12, abs=0)


def of_the_own_observable(found: dict[str, Any]) -> Iterator[object]:
    run, simulation = found["run"], found["simulation"]
    # In a basis of plane waves the long ones are some of all: less than the whole mean square.
    every = sum(
        run.spectra[f"B_X_{sign}"].power[-1] @ run.spectra["B_X_plus"].dlnk
        for sign in ("plus", "minus")
    )
    yield 0 < found["rms"][-1] ** 2 < every
    yield np.abs(found["correlation"]) <= 1
    yield found["kurtosis"] >= 1
    E_sq = sum(
        simulation.spectra_now()[f"E_X_{part}"].mean_square for part in ("plus", "minus", "long")
    )
    density = found["electric_density"](simulation.E("X")).mean()
    yield density == pytest.approx(E_sq / 2, rel=1e-12, abs=0)
    ratios = found["WithShare"](simulation.config)
    densities = Densities(scalars={"theta": 3.0}, vectors={"X": 1.0})
    row = ratios.row(Moment(tau=2.0, a=2.0, densities=densities, free=4.0))
    yield row["share"] == 0.25 and set(row) == set(ratios.columns())


def of_gauss(found: dict[str, Any]) -> Iterator[object]:
    # Rounding, added up over a thousand steps; energies fall at least as the square of the step.
    yield [gauss < 1e-13 for gauss, _ in found["found"].values()]
    for scheme in ("strang", "rk4"):
        small, large = (found["found"][scheme, courant][1] for courant in (0.1, 0.4))
        yield large > 4 * small


def of_gpus(found: dict[str, Any]) -> Iterator[object]:
    plan = found["plan"]
    page = (ROOT / "docs/how-to/gpus.md").read_text("utf-8")
    for photon, name in ((False, "ALP and one dark photon"), (True, "ALP, dark photon and photon")):
        without = {} if photon else {"model.fields.A": None, "model.couplings.AX": None}
        row = next(line for line in page.splitlines() if line.startswith(f"| {name}"))
        _, _, *said, largest, _ = (cell.strip() for cell in row.split("|"))
        for precision, bytes_said in zip(("float64", "float32"), said, strict=True):
            keys = {"lattice.sites": 512, "lattice.order": 2, "lattice.precision": precision}
            config = dl.load("choi2018_fig1", {**without, **keys})
            per_site = plan.memory_bytes(config, on_gpu=True) / 512**3
            yield round(per_site) == int(bytes_said)
        yield 0.9 * 80e9 < per_site * int(largest.removesuffix("^3")) ** 3 < 80e9


AFTERWARDS = {
    "explanation/gauss.md": of_gauss,
    "how-to/gpus.md": of_gpus,
    "initial-states.md": of_the_own_start,
    "how-to/own-observable.md": of_the_own_observable,
}
"""What has to hold after the Python of a page, as the numbers that a page says are right."""


def test_what_is_not_accepted_is_seen() -> None:
    page = "Text\n\n    darklat run first_light --seed 3 && darklat doctor\n\n    darklat rnu x\n"
    assert [accepted(words) for words in commands(page)] == [False, True, False]


def test_every_key_is_on_the_page_of_keys_with_its_meaning() -> None:
    explained = {key.path: key.text for key in pages.explained_keys()}
    shown = pages.keys()
    for path, field in pages.fields_of_a_configuration():
        section, _, name = path.rpartition(".")
        heading = f"## `{section}`" if section else "## The file"
        table = shown.split(heading + "\n")[1].split("\n## ")[0]
        assert f"| `{name}` |" in table, path
        if field is not None and not pages.sections(field.annotation):
            assert explained.get(path) or explained[section], path


def test_every_command_is_on_the_page_of_commands() -> None:
    shown = pages.commands()
    choices = next(
        action.choices for action in arguments.parser()._actions if action.dest == "command"
    )
    assert choices
    assert all(f"## darklat {name}\n" in shown for name in choices)
    assert all(f"| {code} |" in shown for code in (0, 2, 3, 4, 85, 130))


def test_every_page_is_in_the_contents() -> None:
    contents = (ROOT / "website/contents.txt").read_text("utf-8").splitlines()
    uris = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    uris |= {*pages.SOURCES, *pages.generated()} - {"index.md"}
    assert {uri.removesuffix(".md") for uri in uris} <= set(contents)


def test_a_link_to_a_file_without_a_page_is_refused() -> None:
    with pytest.raises(KeyError, match="has no page"):
        pages.uri_of("lattice/lattice.py")


@pytest.mark.parametrize(
    "name", ["first_light", "choi2018_fig1", "alp_massive_dark_photon", "dark_photon_plasma"]
)
def test_every_dataset_of_series_and_spectra_is_on_the_page_of_files(name: str) -> None:
    page = (ROOT / "runs/README.md").read_text("utf-8")
    keys = {"lattice.sites": 8, "lattice.box": 0.1, "lattice.order": 2}
    small = dl.Simulation(dl.load(name, keys))
    for column in small.row_now():
        quantity, _, letter = column.partition("/")
        shown = f"{quantity}/{'<L>' + letter[1:] if letter[:1].isupper() else letter}"
        assert f"| `{shown.rstrip('/')}" in page, column
    for quantity in small.spectra_now():
        assert f"`{re.sub(r'_[A-Z](?=_|$)', '_<L>', quantity)}`" in page, quantity


def test_formulas_have_letters_that_browsers_draw() -> None:
    mathml = pytest.importorskip("mathml", reason="needs Sphinx: pip install '.[docs]'").mathml
    assert "<mi>\U0001d404</mi>" in mathml(r"\mathbf E_a")
    assert "<mi>\u210b</mi>" in mathml(r"\mathcal H")
    assert "<mi>\U0001d73d</mi>" in mathml(r"\boldsymbol\theta")
    assert mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}").count("<mtr>") == 2


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
