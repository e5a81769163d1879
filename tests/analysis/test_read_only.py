"""A run folder that may only be read, such as a colleague's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bad_disks import allow, forbid, in_child

from darklat import cli
from darklat.storage.read_run import RunFiles
from synthetic_run import make_run


def one_figure(_run: RunFiles, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "series.png").write_bytes(b"drawn")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("darklat.analysis.figures.write_figures", one_figure)  # all take seconds
    monkeypatch.setattr("darklat.analysis.report._figures", lambda *_: "")
    path = make_run(tmp_path / "run", rows=40)
    forbid(path)
    yield path
    allow(path)


def command(*words: str | Path) -> Callable[[], int]:
    return lambda: cli.main([str(word) for word in words])


def test_everything_is_known_of_it(folder: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
    out = tmp_path / "mine"
    html = tmp_path / "mine.html"
    for words in (
        ("analyze", folder, "--out", out),
        ("report", folder, "--out", html),
        ("status", folder),
    ):
        code, text = in_child(command(*words), obeying=True)
        assert (code, text) == (0, "")
    assert json.loads((out / "analysis.json").read_text())["name"] == "synthetic"
    assert (out / "figures" / "series.png").is_file() and html.is_file()
    assert before == {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


@pytest.mark.parametrize("name", ["analyze", "report"])
def test_without_another_place_it_is_refused_with_the_way_out(folder: Path, name: str) -> None:
    code, text = in_child(command(name, folder), obeying=True)
    assert code == 4 and "Permission denied" in text and "(--out)" in text
    assert "Traceback" not in text


def test_a_scan_of_one_folder_is_still_refused(folder: Path, tmp_path: Path) -> None:
    code, text = in_child(command("analyze", folder, "--scan", "--out", tmp_path / "mine"))
    assert code == 2 and "two" in text
