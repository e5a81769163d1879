"""The pages of troubleshooting: every family of messages, every class and exit code, and the words of
refusals that darklat prints."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import pytest

from darklat import cli, errors

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "website"))
import refusals  # noqa: E402 (the site's own module, which is not installed)

TROUBLESHOOTING = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
FIRST_LIGHT = ["validate", "first_light", "--backend", "cpu", "--set"]


def test_every_message_has_a_family_and_every_family_a_section() -> None:
    found = refusals.messages()
    titles = {refusals.family_of(message.path).title for message in found}
    assert titles == {family.title for family in refusals.FAMILIES}
    headings = set(re.findall(r"^## (.+)$", TROUBLESHOOTING, re.M))
    assert titles == headings - {"Exit codes", "How a message is built"}
    page = refusals.page()
    assert all(f"- {refusals._plain(message.text)}\n" in page for message in found)
    with pytest.raises(KeyError, match="belongs to no family"):
        refusals.family_of("website/pages.py")


def test_every_class_of_errors_stands_beside_its_exit_code() -> None:
    rows = {
        cells[1].strip(): cells[2]
        for cells in (line.split("|") for line in TROUBLESHOOTING.splitlines())
        if len(cells) > 3 and cells[1].strip().isdigit()
    }
    assert set(rows) == {"0", "1", "2", "3", "4", "85", "130"}
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.DarklatError) and kind is not errors.DarklatError:
            assert f"`{name}`" in rows[str(kind.exit_code)], name


@pytest.mark.parametrize(
    ("words", "code", "family"),
    [
        ([*FIRST_LIGHT, "lattice.sites=33"], 2, "A key or a value"),
        ([*FIRST_LIGHT, "lattice.bok=1"], 2, "A key or a value"),
        ([*FIRST_LIGHT, "lattice.box=1 tau"], 2, "A key or a value"),
        (["validate", "nope"], 2, "A key or a value"),
        ([*FIRST_LIGHT, "time.tau_end=4"], 2, "Keys that contradict each other"),
        ([*FIRST_LIGHT, "units={hubble_eV: 1}"], 2, "Keys that contradict each other"),
        ([*FIRST_LIGHT, "model.alp.potential.formula=theta**"], 2, "A formula"),
        ([*FIRST_LIGHT, "model.alp.potential.formula=theta**2"], 2, "A formula"),
        ([*FIRST_LIGHT, "time.courant=5"], 2, "A run that cannot be stepped"),
        ([*FIRST_LIGHT, "lattice.sites=1600"], 2, "A run that cannot be stepped"),
        (["suggest", "first_light", "--set", "time.a_end=2"], 2, "A run that cannot be stepped"),
        (["resume", "."], 2, "The folder of a run"),
        (["status", "."], 2, "The folder of a run"),
        (["report", "nowhere"], 2, "A damaged or foreign file"),
        (["refine", ".", "--sites", "16"], 2, "A change of a run that has begun"),
        ([*FIRST_LIGHT, "sweep={name: [a, b]}"], 2, "Sweeps and ladders"),
        (["converge", "first_light", "--lattices", "32,34"], 2, "Sweeps and ladders"),
        (["bench", "--fields", "0"], 2, "The command line and Python"),
    ],
    ids=lambda value: " ".join(value[-1:]) if isinstance(value, list) else None,
)
def test_a_refusal_is_in_the_list(
    words: list[str],
    code: int,
    family: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == code
    said = " ".join(capsys.readouterr().err.split())
    matching = [
        message
        for message in refusals.messages()
        if message.code == code
        and refusals.family_of(message.path).title == family
        # Some letters in a row: a message of gaps would match everything.
        and re.search(r"[^…]{12}", message.text)
        and re.search(re.escape(message.text).replace("…", ".*"), said)
    ]
    assert matching, said
