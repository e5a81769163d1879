"""Runs in a folder: to begin or continue one, and to look at it."""

from __future__ import annotations

import logging
import math
import numbers
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darklat.analysis import verdicts
from darklat.analysis.numbers import analyse
from darklat.api.figures import Figures
from darklat.api.origin import origin_of, refuse_no_config
from darklat.api.spectra import RecordedSpectrum, nearest
from darklat.errors import InputError
from darklat.schema import Config
from darklat.schema.overrides import as_text
from darklat.storage import maps, run_folder, snapshots
from darklat.storage.changes import Change
from darklat.storage.maps import MapFile
from darklat.storage.read_run import Array, load_run
from darklat.storage.snapshots import SnapshotFile

if TYPE_CHECKING:
    import xarray

    from darklat.driver.walltime import Budget
    from darklat.storage.radio_sky_file import RadioSky


# Only functions that run the engine import it: looking at a run needs none.


def run(
    config: Config,
    *,
    out: str | Path | None = None,
    backend: str = "auto",
    device: int = 0,
    walltime: float | None = None,
) -> Run:
    """Runs a configuration in a folder, as the command `darklat run` does, and returns the run.

    A folder with an unfinished run of the same configuration is resumed. One with a finished run
    of it is only opened.

    config: from `load` or `loads`. out: the folder (default: runs/<name>). backend: "auto", "cpu"
    or "cuda". device: the number of the GPU. walltime: seconds after which the run stops with a
    checkpoint. The unfinished run is then returned. An interrupt stops it with a checkpoint as
    well, and KeyboardInterrupt is raised. Warnings go to the logger "darklat", and to stderr where
    nobody has set up logging.

    Raises ConfigError for a configuration that cannot be run. Raises InputError for a folder that
    is in use or has anything in it but a run of this configuration, and for an argument that cannot
    be. Raises NumericalError when a
    check fails, and MachineError.
    """
    from darklat.driver import commands
    from darklat.driver.same_run import refuse_another

    refuse_no_config(config)
    folder = run_folder.default(config.name) if out is None else Path(out)
    budget = _budget(walltime)
    refuse_another(folder, config)
    if run_folder.has_begun(folder):
        if run_folder.is_finished(folder):
            return _opened(folder)
        return resume(folder, backend=backend, device=device, walltime=walltime)
    with warnings_shown():
        finished = commands.start(
            config, origin_of(config), folder, backend=backend, device=device, budget=budget,
            draw_maps=_draw_maps,
        )  # fmt: skip
    return _after(folder, finished, budget)


def resume(
    folder: str | Path,
    overrides: Mapping[str, object] | Sequence[str] | None = None,
    *,
    backend: str = "auto",
    device: int = 0,
    walltime: float | None = None,
) -> Run:
    """Continues the run in a folder from its newest good checkpoint, as `darklat resume` does, and
    returns the run.

    overrides: keys to change from there on, as for `load`: {"time.a_end": 20} extends the run, a
    finished one too. The end, `output` and `checks` can be changed. backend, device, walltime and
    interrupts: as for `run`.

    Raises InputError when there is no run, when no checkpoint verifies, and when the folder is in
    use; ConfigError for a key that cannot be changed; NumericalError; MachineError.
    """
    from darklat.driver import commands

    budget = _budget(walltime)
    with warnings_shown():
        found, finished = commands.resume(
            Path(folder),
            overrides=as_text(overrides),
            backend=backend,
            device=device,
            budget=budget,
            draw_maps=_draw_maps,
        )
    return _after(found, finished, budget)


def open_run(folder: str | Path) -> Run:
    """The run in a folder, finished or not: everything that it has written by now.

    Its configuration is the one that series.h5 holds. An edited config.yaml is warned about, key by
    key. Raises InputError when there is no run, or no row of its series yet.
    """
    return _opened(Path(folder))


def _opened(folder: Path) -> Run:
    found = Run(folder)
    with warnings_shown():
        for line in found.edits:
            logging.getLogger("darklat").warning("warning: %s: %s", folder, line)
    return found


@contextmanager
def warnings_shown() -> Iterator[None]:
    """Where nobody has set up logging, warnings go to stderr while inside. Python does so only for
    a logger without handlers, and a run adds the handlers of its folder."""
    log = logging.getLogger("darklat")
    if log.hasHandlers():
        yield
        return
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _draw_maps(path: Path) -> None:
    from darklat.analysis.map_figure import draw  # with matplotlib, which few runs need so early

    draw(path)


def _budget(walltime: float | None) -> Budget:
    from darklat.driver import walltime as limits

    if walltime is not None and not (
        isinstance(walltime, numbers.Real)
        and not isinstance(walltime, bool)
        and 0 < walltime < math.inf
    ):
        raise InputError(f"walltime: must be a positive number of seconds, found {walltime!r}")
    return limits.budget(walltime, since=time.monotonic())


def _after(folder: Path, finished: bool, budget: Budget) -> Run:
    """The run that has ended or stopped. Raises KeyboardInterrupt when a signal has stopped it."""
    if not (finished or budget.over):
        raise KeyboardInterrupt(f"the run has stopped; darklat.resume('{folder}') goes on with it")
    return Run(folder)


class Run:
    """A run folder that has been read. Arrays are in program units, as the files have them.

    folder: its path. config: its configuration. series: the columns by name ("r", "rho/X"), one
    value per row. spectra: by name ("B_X_plus"). summary: the contents of summary.json, or None
    while the run has not ended. notes: sentences on unreadable parts, and on an edited config.yaml
    (edits: these alone). figures: its figures.

    Made by `run`, `resume` and `open_run`.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._files = load_run(self.folder)
        self.config = self._files.config
        self.series: dict[str, Array] = self._files.series
        self.spectra = {
            name: RecordedSpectrum(name=name, **vars(found))
            for name, found in self._files.spectra.items()
        }
        self.summary: dict[str, Any] | None = self._files.summary
        self.notes: tuple[str, ...] = self._files.notes
        self.edits: tuple[str, ...] = self._files.edits
        self.figures = Figures(self._files)

    @property
    def a(self) -> float:
        """The last scale factor (a_osc)."""
        return float(self.series["a"][-1])

    @property
    def tau(self) -> float:
        """The last conformal time (tau_osc)."""
        return float(self.series["tau"][-1])

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return verdicts.ended(self._files)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of the configuration at resumes: `step`, `tau`, `a`, `keys` with the values
        before and after."""
        return self._files.changes

    @property
    def verdict(self) -> str:
        """The worst of all checks: "pass", "warn" or "fail"; the report has each of them."""
        return analyse(self._files).verdict

    @property
    def snapshots(self) -> tuple[SnapshotFile, ...]:
        """The snapshots in the order of time."""
        return snapshots.read(self.folder / "snapshots")

    def snapshot(self, *, a: float | None = None, tau: float | None = None) -> SnapshotFile:
        """The snapshot nearest to a scale factor or a conformal time: a mapping from names
        ("theta", "E_X_x") to arrays [n, n, n].

        Raises InputError when both or none is given, and when no snapshot is near.
        """
        found = self.snapshots
        if not found:
            raise InputError(
                f"{self.folder} has no snapshots; the configuration lists their times under "
                "output.snapshots"
            )
        return found[nearest("snapshots", a, tau, [s.a for s in found], [s.tau for s in found])]

    @property
    def maps(self) -> tuple[MapFile, ...]:
        """The maps in the order of time (output.maps): slices, projections and histograms."""
        return maps.read(self.folder / maps.FOLDER)

    def to_xarray(self) -> xarray.DataTree:
        """Series and spectra with names and units, for xarray.

        The node `series` has the columns on `tau`; the node `spectra` has the power per ln k on
        (`tau`, `k`). Each has a `tau` of its own, because they are recorded at different times.
        Names are the same as in the files, so that a column is `tree["series/rho/X"]`. Variables
        have the attributes `units` and `long_name`.

        Raises InputError when xarray is not installed.
        """
        from darklat.api.to_xarray import tree_of

        return tree_of(self._files)

    def radio_sky(self, source: str | Path = "alp_photon_conversion") -> RadioSky:
        """The radio background that ALPs make in the magnetic field of the run, as `darklat
        analyze DIR --with FILE` computes it.

        source: the YAML file of the analysis, or the name of a packaged one. Its `words` say how
        much that is; `k`, `power`, `frequency` and `brightness` are arrays. Nothing is written.
        Raises ConfigError for a wrong file, and where the run has no photon and the file no mixing.
        """
        from darklat.analysis.radio_sky import of_file
        from darklat.schema import packaged

        return of_file(lambda: self._files, packaged.resolve(Path(source), packaged.ANALYSES))

    def report(self, *, out: str | Path | None = None) -> Path:
        """Writes an HTML file with the checks, the figures and the numbers of the run (default:
        report.html in its folder), and returns its path.

        Raises InputError where `out` cannot be a file, MachineError where it cannot be written.
        """
        from darklat.analysis.report import report

        path = self.folder / "report.html" if out is None else Path(out)
        report(self.folder, out=path)
        return path

    def __repr__(self) -> str:
        clock = "tau" if self.config.time.a_end is None else "a"
        reached, end = verdicts.progress(self._files)
        way = f"{clock} = {reached:.4g} of {end:.4g}"
        return f"<Run {self.config.name}: {way}, checks: {self.verdict}>"
