"""The folder of a figure that comes from a configuration and no run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from darklat.analysis.papers.picture import Picture, write
from darklat.errors import InputError
from darklat.schema.read import is_stream
from darklat.storage import text_files

RUNS = Path("runs")


@dataclass(frozen=True)
class Folder:
    """Where a picture and the configuration that it came from are written."""

    path: Path
    record: str
    """Name of the file of the configuration."""
    first: str
    """The first line of that file, by which an earlier drawing of the same is known."""
    files: str
    """A regular expression of the names of all other files."""

    @staticmethod
    def of(config: Path, out: Path | None, *, record: str, first: str, files: str) -> Folder:
        """`out`, or runs/<name of the configuration>."""
        name = first.partition(": ")[2] if is_stream(config) else config.stem
        return Folder(RUNS / name if out is None else out, record, first, files)

    def check(self) -> None:
        """Raise InputError unless all that the folder holds, if anything, is from the same."""
        folder = self.path
        try:
            if not folder.exists():
                return
            if not folder.is_dir():
                raise InputError(f"--out {folder}: this is a file; name a folder")
            found = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
            drawn = self._drawn_by()
        except OSError as error:
            raise InputError(f"--out {folder}: cannot be read ({error})") from error
        others = [n for n in found if n != self.record and not re.fullmatch(self.files, n)]
        if found and (others or drawn != self.first):
            wrong = others[0] if others else found[0]
            raise InputError(
                f"--out {folder}: the folder holds {wrong}, which is not from drawing "
                f"{self.first.partition(': ')[2]}; choose another folder with --out"
            )

    def fill(self, picture: Picture, config: str) -> list[Path]:
        """Write the picture and the text of its configuration; return the paths.

        Raises InputError where the folder cannot be made, and MachineError where it cannot be
        written to.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"--out {self.path}: the folder cannot be made ({error})") from error
        with text_files.writing("the figure", self.path, again="draw again"):
            record = self.path / self.record
            text_files.replace(record, config)
            return [*write(picture, self.path, config=config), record]

    def _drawn_by(self) -> str | None:
        """The first line of the record; None where there is none."""
        record = self.path / self.record
        if not record.is_file():
            return None
        return record.read_bytes()[:100].partition(b"\n")[0].decode("ascii", "replace")
