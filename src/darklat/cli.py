"""The command `darklat`.

Modules are imported by the commands that need them, so that help comes at once.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from darklat import arguments
from darklat.analysis.user_settings import backend_set_aside
from darklat.driver.terminal import lasting_streams
from darklat.errors import (
    ConfigError,
    DarklatError,
    InputError,
    MachineError,
    NumericalError,
    out_of_range,
)

if TYPE_CHECKING:
    from darklat.driver.sweeps import Outcome
    from darklat.driver.walltime import Budget
    from darklat.kernels.ranks import Ranks
    from darklat.schema.sweep import Sweep

_BEGUN = time.monotonic()

DONE, FAULT, STOPPED_EARLY = 0, 1, 85


def main(words: list[str] | None = None) -> int:
    """Runs the command that `words` (by default sys.argv's) ask for and returns its exit code.

    0 done, 2 wrong input, 3 numerical failure, 4 the machine, 85 requeue.
    """
    try:
        with lasting_streams():
            return _ended(arguments.parser().parse_args(words))
    except OSError as error:  # stdout, at its last flush
        with lasting_streams():
            print(f"darklat: the output cannot be written: {error}", file=sys.stderr)
        return MachineError.exit_code


def _ended(options: argparse.Namespace) -> int:
    """Runs the command and says why it failed; its exit code."""
    if options.command not in _SHARED:
        return _said(options)
    from darklat.driver.stopping import OF_A_JOB, stop_on_signals

    with stop_on_signals(OF_A_JOB):  # before the libraries are imported
        return _said(options)


def _said(options: argparse.Namespace) -> int:
    from darklat.kernels.ranks import ALONE, launcher

    ranks: Ranks = ALONE
    try:
        with _log_on_terminal(), backend_set_aside():
            if options.command in _SHARED:
                ranks = launcher.of_launcher()
                return _SHARED[options.command](options, ranks)
            launcher.refuse_many(options.command)
            return _COMMANDS[options.command](options)
    except KeyboardInterrupt:
        code, message = 130, "darklat: interrupted"
    except Exception as error:
        if isinstance(error, ArithmeticError) and not isinstance(error, DarklatError):
            error = out_of_range(error)
        known = _exit_code(error)
        if known is None:
            if ranks.size == 1:
                raise
            traceback.print_exc()
        code = FAULT if known is None else known
        prefix = "" if isinstance(error, ConfigError) else "darklat: "  # it begins with file:line
        message = f"{prefix}{error}"
    if ranks.size > 1:
        from darklat.driver.ranks import end_of_all

        return end_of_all(ranks, code, message)
    if launcher.speaks():
        print(message, file=sys.stderr)
    return code


def _exit_code(error: Exception) -> int | None:
    if isinstance(error, DarklatError):
        return error.exit_code
    if isinstance(error, ArithmeticError):  # the numbers of the config leave the range of a double
        return NumericalError.exit_code
    if isinstance(error, MemoryError | OSError):
        return MachineError.exit_code
    return None


def _run(options: argparse.Namespace, ranks: Ranks) -> int:
    from darklat.driver import commands, walltime
    from darklat.driver.ranks import quiet
    from darklat.schema import packaged
    from darklat.schema.sweep import Sweep, read
    from darklat.storage import run_folder

    quiet(ranks)
    budget = walltime.budget(options.walltime, since=_BEGUN)
    found = read(packaged.resolve(options.config, packaged.RUNS), options.overrides)
    if isinstance(found, Sweep):
        return _run_sweep(found, options, budget, ranks)
    config, origin = found
    folder = options.out if options.out is not None else run_folder.default(config.name)
    finished = commands.start(
        config, origin, folder, backend=options.backend, device=options.device, budget=budget,
        draw_maps=_draw_maps, ranks=ranks,
    )  # fmt: skip
    return _conclude(folder, finished, ranks)


def _converge(options: argparse.Namespace, ranks: Ranks) -> int:
    from darklat.driver import walltime
    from darklat.driver.ranks import quiet
    from darklat.schema import packaged
    from darklat.schema.sweep import read_ladder

    quiet(ranks)
    budget = walltime.budget(options.walltime, since=_BEGUN)
    asked = {
        "lattices": options.lattices,
        "boxes": options.boxes,
        "steps": options.steps,
        "seeds": options.seeds,
        "at": options.at,
    }
    given = [f"converge.{key}={value}" for key, value in asked.items() if value is not None]
    path = packaged.resolve(options.config, packaged.RUNS)
    sweep = read_ladder(path, [*options.overrides, *given])
    return _run_sweep(sweep, options, budget, ranks)


def _run_sweep(sweep: Sweep, options: argparse.Namespace, budget: Budget, ranks: Ranks) -> int:
    from darklat.driver import sweeps
    from darklat.driver.ranks import on_first
    from darklat.storage import run_folder

    folder = options.out if options.out is not None else run_folder.default(sweep.name)
    outcome = sweeps.run(
        sweep, folder, backend=options.backend, device=options.device, budget=budget,
        draw_maps=_draw_maps, ranks=ranks,
    )  # fmt: skip
    if outcome.stopped:
        return STOPPED_EARLY
    on_first(ranks, lambda: _conclude_sweep(sweep, folder, outcome))
    return NumericalError.exit_code if outcome.failed else DONE


def _conclude_sweep(sweep: Sweep, folder: Path, outcome: Outcome) -> None:
    """Analyses, and what is said at the end."""
    from darklat.analysis.analyze import analyze
    from darklat.analysis.sweep import compare

    if sweep.ladder is None:
        for run in outcome.finished:
            if not (run / "analysis.json").exists():
                analyze(run)
    if len(outcome.finished) > 1:
        print(compare(folder))
    if outcome.failed:
        failed = ", ".join(run.name for run in outcome.failed)
        print(
            f"darklat: failed a check: {failed}; run.log in their folders says which",
            file=sys.stderr,
        )


def _resume(options: argparse.Namespace, ranks: Ranks) -> int:
    from darklat.driver import commands, walltime
    from darklat.driver.ranks import quiet

    quiet(ranks)
    folder, finished = commands.resume(
        options.folder,
        overrides=options.overrides,
        backend=options.backend,
        device=options.device,
        budget=walltime.budget(options.walltime, since=_BEGUN),
        draw_maps=_draw_maps,
        ranks=ranks,
    )
    return _conclude(folder, finished, ranks)


def _refine(options: argparse.Namespace) -> int:
    from darklat.driver.refining import refine_run

    _, said = refine_run(
        options.source,
        sites=options.sites,
        order=options.order,
        overrides=options.overrides,
        out=options.out,
        backend=options.backend,
        device=options.device,
    )
    print(said)
    return DONE


def _draw_maps(path: Path) -> None:
    from darklat.analysis.map_figure import draw  # with matplotlib, which few runs need so early

    draw(path)


def _conclude(folder: Path, finished: bool, ranks: Ranks) -> int:
    if not finished:
        return STOPPED_EARLY
    from darklat.analysis.analyze import analyze
    from darklat.driver.ranks import on_first

    on_first(ranks, lambda: analyze(folder, show=_print))
    return DONE


def _print(text: str) -> None:
    """At once, although more is to come."""
    print(text, flush=True)


def _analyze(options: argparse.Namespace) -> int:
    # --scan and --against ask for a scan: a single folder is then refused, not ignored.
    from darklat.analysis import sweep
    from darklat.storage.sweep_folder import is_sweep

    if options.analysis is not None:
        return _analyze_with(options)
    if len(options.folders) == 1 and is_sweep(options.folders[0]):
        print(sweep.compare(options.folders[0], out=options.out, against=options.against))
        return DONE
    folders = _runs_in(options.folders)
    if len(options.folders) > 1 or options.scan or options.against:
        from darklat.analysis.scan_results import scan

        print(scan(folders, out=options.out, against=options.against))
        return DONE
    from darklat.analysis.analyze import analyze

    analyze(folders[0], out=options.out, show=_print)
    return DONE


def _runs_in(folders: list[Path]) -> list[Path]:
    """The folders of runs, with those of sweeps in place of the sweeps."""
    from darklat.analysis import sweep
    from darklat.storage.sweep_folder import is_sweep

    return [
        run
        for folder in folders
        for run in (sweep.runs(folder)[0] if is_sweep(folder) else [folder])
    ]


def _analyze_with(options: argparse.Namespace) -> int:
    from darklat.analysis.further import analyze_with
    from darklat.schema import packaged
    from darklat.storage.sweep_folder import is_sweep

    if len(options.folders) > 1 or options.scan or options.against or is_sweep(options.folders[0]):
        raise InputError(
            "--with is for one run: name its folder alone, without --scan and --against"
        )
    path = packaged.resolve(options.analysis, packaged.ANALYSES)
    analyze_with(options.folders[0], path, out=options.out, show=_print)
    return DONE


def _submit(options: argparse.Namespace) -> int:
    from darklat.driver.jobs.submit import submit
    from darklat.schema import packaged

    print(
        submit(
            packaged.resolve(options.config, packaged.RUNS),
            profile_path=packaged.resolve(options.profile, packaged.PROFILES),
            overrides=options.overrides,
            out=options.out,
            dry_run=options.dry_run,
        )
    )
    return DONE


def _status(options: argparse.Namespace) -> int:
    from darklat.driver.status import status

    print(status(options.folders))
    return DONE


def _report(options: argparse.Namespace) -> int:
    from darklat.storage.sweep_folder import is_sweep

    first, out = options.folders[0], options.out
    if len(options.folders) == 1 and not is_sweep(first):
        from darklat.analysis.report import report

        print(report(first, out=out))
        return DONE
    from darklat.analysis.comparison_report import compare
    from darklat.analysis.scan_results import DEFAULT_FOLDER

    home = first if len(options.folders) == 1 else DEFAULT_FOLDER
    print(compare(_runs_in(options.folders), out=out or home / "report.html"))
    return DONE


def _figure(options: argparse.Namespace) -> int:
    from darklat.analysis.papers.figure import figure
    from darklat.schema import packaged

    path = packaged.resolve(options.config, packaged.FIGURES)
    print(*figure(path, out=options.out), sep="\n")
    return DONE


def _relic(options: argparse.Namespace) -> int:
    from darklat.analysis.relics.relic import relic
    from darklat.schema import packaged

    path = packaged.resolve(options.config, packaged.RELICS)
    print(relic(path, out=options.out, overrides=options.overrides))
    return DONE


def _config(options: argparse.Namespace) -> int:
    from darklat.schema import packaged

    if options.name == "list":
        print(packaged.listing())
    else:
        print(packaged.text(options.name), end="")
    return DONE


def _validate(options: argparse.Namespace) -> int:
    from darklat.driver import sweeps, validation
    from darklat.schema import packaged
    from darklat.schema.sweep import Sweep, read

    found = read(packaged.resolve(options.config, packaged.RUNS), options.overrides)
    how = {"backend": options.backend, "device": options.device}
    if isinstance(found, Sweep):
        print(sweeps.validate(found, **how))
        return DONE
    config, origin = found
    print(validation.validate(config, origin, **how, ranks=options.ranks))
    return DONE


def _suggest(options: argparse.Namespace) -> int:
    from darklat.driver.suggestions import suggest
    from darklat.schema import packaged
    from darklat.schema.read import SEVERAL
    from darklat.schema.sweep import Sweep, read

    sites = [] if options.sites is None else [f"lattice.sites={options.sites}"]
    path = packaged.resolve(options.config, packaged.RUNS)
    found = read(path, [*options.overrides, *sites])
    if isinstance(found, Sweep):
        raise InputError(
            f"{path} is {SEVERAL[found.block]}, and suggestions are for one run: choose one with "
            f"--set {found.block}=null and --set KEY=VALUE"
        )
    config, origin = found
    asked = {"name": str(options.config), "overrides": options.overrides}
    print(suggest(config, origin, **asked, backend=options.backend, device=options.device))
    return DONE


def _bench(options: argparse.Namespace) -> int:
    import dataclasses
    import json

    from darklat.driver import bench

    speed = bench.bench(
        options.backend,
        sites=options.sites,
        variant=bench.variant_of(
            fields=options.fields,
            massive=options.massive,
            conducting=options.conducting,
            back_reacting=not options.no_back_reaction,
            precision=options.precision,
            order=options.order,
        ),
        scheme=options.scheme,
        device=options.device,
    )
    print(json.dumps(dataclasses.asdict(speed), indent=2) if options.json else bench.table(speed))
    return DONE


def _doctor(_options: argparse.Namespace) -> int:
    from darklat.driver import doctor

    findings = doctor.examine()
    print(doctor.report(findings))
    return MachineError.exit_code if any(f.ok is False for f in findings) else DONE


_SHARED = {"run": _run, "resume": _resume, "converge": _converge}
"""Commands of which several processes of a launcher can do one together."""

_COMMANDS = {
    "refine": _refine,
    "analyze": _analyze,
    "submit": _submit,
    "status": _status,
    "report": _report,
    "figure": _figure,
    "relic": _relic,
    "validate": _validate,
    "suggest": _suggest,
    "bench": _bench,
    "doctor": _doctor,
    "config": _config,
}


@contextmanager
def _log_on_terminal() -> Iterator[None]:
    """Inside, the log of darklat goes to the terminal; a caller of `main` gets its own log back."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.setLevel(logging.INFO)
    log = logging.getLogger("darklat")
    before = log.handlers, log.level
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.handlers, level = before
        log.setLevel(level)
