"""The command `darklat`.

Modules are imported by the commands that need them, so that help comes at once.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darklat.lattice.config.sweep import Sweep
    from darklat.lattice.walltime import Budget

_BEGUN = time.monotonic()

DONE, WRONG_INPUT, WRONG_NUMBERS, MACHINE_FAILED, STOPPED_EARLY = 0, 2, 3, 4, 85


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code.

    0 done, 2 wrong input, 3 numerical failure, 4 the machine, 85 requeue.
    """
    options = _parser().parse_args(arguments)
    _log_to_terminal()
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        print("darklat: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        print(
            f"{'' if type(error).__name__ == 'ConfigError' else 'darklat: '}{error}",
            file=sys.stderr,
        )
        return code


def _exit_code(error: Exception) -> int | None:
    from darklat.analysis.errors import AnalysisError, DiskError
    from darklat.kernels.errors import MachineError
    from darklat.lattice.config import ConfigError
    from darklat.lattice.errors import InputError, NumericalError

    if isinstance(error, ConfigError | InputError | AnalysisError):
        return WRONG_INPUT
    if isinstance(error, NumericalError):
        return WRONG_NUMBERS
    if isinstance(error, MachineError | DiskError | MemoryError):
        return MACHINE_FAILED
    if isinstance(error, ArithmeticError):  # the numbers of the config leave the range of a double
        return WRONG_NUMBERS
    return MACHINE_FAILED if isinstance(error, OSError) else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="darklat",
        description="ALPs, dark photons and the photon on a lattice in the expanding universe.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        return sub

    def on_device(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--backend",
            choices=("auto", "cpu", "cuda"),
            default="auto",
            help="default: a GPU if there is one",
        )
        sub.add_argument("--device", type=_count, default=0, metavar="N", help="number of the GPU")

    def with_config(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "config", type=Path, help="YAML file; configs/reference.yaml has every key"
        )
        sub.add_argument(
            "--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE",
            help="set a key by its dotted path, for example --set lattice.sites=32; "
            "may be repeated",
        )  # fmt: skip

    def with_walltime(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--walltime", type=_span, metavar="TIME",
            help="stop in time with a checkpoint and exit code 85: minutes, H:MM:SS or D-HH:MM:SS "
            "from now (default: the end of the Slurm job, if this is one)",
        )  # fmt: skip

    run = command("run", _run, "run a config, or all runs of a sweep one after another")
    with_config(run)
    run.add_argument("--out", type=Path, metavar="DIR", help="run folder (default: runs/<name>)")
    with_walltime(run)
    on_device(run)
    resume = command("resume", _resume, "continue a run from its newest good checkpoint")
    resume.add_argument("folder", type=Path, metavar="DIR")
    with_walltime(resume)
    on_device(resume)
    analyze = command(
        "analyze",
        _analyze,
        "tables and figures of a run, or of a sweep or several runs that differ in a parameter",
    )
    analyze.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="two or more, or that of a sweep, are compared: a scan",
    )
    analyze.add_argument("--scan", action="store_true", help="refuse a single folder")
    analyze.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for a scan (default: runs/scan)"
    )
    analyze.add_argument(
        "--against", metavar="KEY",
        help="for a scan: the parameter on the axis, for example initial.seed "
        "(default: the physical one that differs)",
    )  # fmt: skip
    submit = command("submit", _submit, "submit a run, or a sweep as an array, to Slurm")
    with_config(submit)
    submit.add_argument(
        "--profile", type=Path, required=True, metavar="FILE",
        help="what a job asks Slurm for; configs/slurm_gpu.yaml has every key",
    )  # fmt: skip
    submit.add_argument(
        "--out", type=Path, metavar="DIR", help="run folder, or folder of the sweep"
    )
    submit.add_argument(
        "--dry-run", action="store_true", help="print the batch script and do nothing"
    )
    status = command("status", _status, "say how runs and sweeps are getting on")
    status.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    report = command("report", _report, "one HTML file on a run: checks, figures, numbers")
    report.add_argument("folder", type=Path, metavar="DIR")
    report.add_argument(
        "--out", type=Path, metavar="FILE", help="HTML file (default: DIR/report.html)"
    )
    figure = command("figure", _figure, "draw a figure of a paper from its config, without a run")
    figure.add_argument(
        "config", type=Path, help="YAML file, for example configs/dark_qed_fig16.yaml"
    )
    figure.add_argument(
        "--out", type=Path, metavar="DIR", help="folder (default: runs/<name of the config>)"
    )
    validate = command("validate", _validate, "check a config and say what the run will cost")
    with_config(validate)
    on_device(validate)
    bench = command("bench", _bench, "measure speed and memory traffic")
    bench.add_argument(
        "--sites", type=_count, default=128, metavar="N", help="sites per axis (default: 128)"
    )
    bench.add_argument(
        "--fields", type=_count, default=1, metavar="N", help="number of U(1) fields (default: 1)"
    )
    bench.add_argument(
        "--massive", type=_count, default=0, metavar="N",
        help="how many of the fields have a mass and a plasma (strang; default: 0)",
    )  # fmt: skip
    bench.add_argument(
        "--scheme", default="strang", help="time integrator, as time.scheme of a config"
    )
    bench.add_argument(
        "--conducting", action="store_true", help="the last of the fields conducts (strang)"
    )
    bench.add_argument(
        "--no-back-reaction", action="store_true", help="the conducting field is not felt"
    )
    bench.add_argument(
        "--precision", choices=("float64", "float32"), default="float64", help="of the fields"
    )
    bench.add_argument("--json", action="store_true", help="print JSON")
    on_device(bench)
    command("doctor", _doctor, "check compiler, OpenMP, GPU and libraries")
    return parser


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be 0, 1, 2, ..., not {text}")
    return int(text)


def _span(text: str) -> float:
    from darklat.lattice import walltime

    try:
        return walltime.seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _run(options: argparse.Namespace) -> int:
    from darklat.lattice import commands, walltime
    from darklat.lattice.config.sweep import Sweep, read

    budget = walltime.budget(options.walltime, since=_BEGUN)
    found = read(options.config, options.overrides)
    if isinstance(found, Sweep):
        return _run_sweep(found, options, budget)
    folder, finished = commands.run(
        options.config,
        overrides=options.overrides,
        out=options.out,
        backend=options.backend,
        device=options.device,
        budget=budget,
    )
    return _conclude(folder, finished)


def _run_sweep(sweep: Sweep, options: argparse.Namespace, budget: Budget) -> int:
    from darklat.analysis.analyze import analyze
    from darklat.analysis.sweep import scan_sweep
    from darklat.lattice import sweeps
    from darklat.lattice.output import run_folder

    folder = options.out if options.out is not None else run_folder.default(sweep.name)
    outcome = sweeps.run(
        sweep, folder, backend=options.backend, device=options.device, budget=budget
    )
    if outcome.stopped:
        return STOPPED_EARLY
    for run in outcome.finished:
        if not (run / "analysis.json").exists():
            analyze(run)
    if len(outcome.finished) > 1:
        print(scan_sweep(folder))
    if outcome.failed:
        failed = ", ".join(run.name for run in outcome.failed)
        print(
            f"darklat: failed a check: {failed}; run.log in their folders says which",
            file=sys.stderr,
        )
        return WRONG_NUMBERS
    return DONE


def _resume(options: argparse.Namespace) -> int:
    from darklat.lattice import commands, walltime

    folder, finished = commands.resume(
        options.folder,
        backend=options.backend,
        device=options.device,
        budget=walltime.budget(options.walltime, since=_BEGUN),
    )
    return _conclude(folder, finished)


def _conclude(folder: Path, finished: bool) -> int:
    if not finished:
        return STOPPED_EARLY
    from darklat.analysis.analyze import analyze

    print(analyze(folder))
    return DONE


def _analyze(options: argparse.Namespace) -> int:
    # Whatever is said about a scan asks for one: a single folder is then refused, not ignored.
    from darklat.analysis import sweep

    if len(options.folders) == 1 and sweep.is_sweep(options.folders[0]):
        print(sweep.scan_sweep(options.folders[0], out=options.out, against=options.against))
        return DONE
    folders = [
        run
        for folder in options.folders
        for run in (sweep.runs(folder)[0] if sweep.is_sweep(folder) else [folder])
    ]
    if len(options.folders) > 1 or options.scan or options.out or options.against:
        from darklat.analysis.scan_results import scan

        print(scan(folders, out=options.out, against=options.against))
        return DONE
    from darklat.analysis.analyze import analyze

    print(analyze(folders[0]))
    return DONE


def _submit(options: argparse.Namespace) -> int:
    from darklat.lattice.submission.submit import submit

    print(
        submit(
            options.config,
            profile_path=options.profile,
            overrides=options.overrides,
            out=options.out,
            dry_run=options.dry_run,
        )
    )
    return DONE


def _status(options: argparse.Namespace) -> int:
    from darklat.lattice.status import status

    print(status(options.folders))
    return DONE


def _report(options: argparse.Namespace) -> int:
    from darklat.analysis.report import report

    print(report(options.folder, out=options.out))
    return DONE


def _figure(options: argparse.Namespace) -> int:
    from darklat.analysis.paper_figures import figure

    print(*figure(options.config, out=options.out), sep="\n")
    return DONE


def _validate(options: argparse.Namespace) -> int:
    from darklat.lattice import commands, sweeps
    from darklat.lattice.config.sweep import Sweep, read

    found = read(options.config, options.overrides)
    if isinstance(found, Sweep):
        print(sweeps.validate(found, backend=options.backend, device=options.device))
        return DONE
    print(
        commands.validate(
            options.config,
            overrides=options.overrides,
            backend=options.backend,
            device=options.device,
        )
    )
    return DONE


def _bench(options: argparse.Namespace) -> int:
    from darklat.lattice import bench

    speed = bench.bench(
        options.backend,
        sites=options.sites,
        variant=bench.variant_of(
            fields=options.fields,
            massive=options.massive,
            conducting=options.conducting,
            back_reacting=not options.no_back_reaction,
            precision=options.precision,
        ),
        scheme=options.scheme,
        device=options.device,
    )
    print(json.dumps(dataclasses.asdict(speed), indent=2) if options.json else bench.table(speed))
    return DONE


def _doctor(_options: argparse.Namespace) -> int:
    from darklat.lattice import doctor

    findings = doctor.examine()
    print(doctor.report(findings))
    return MACHINE_FAILED if any(f.ok is False for f in findings) else DONE


def _log_to_terminal() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("darklat")
    handler.setLevel(logging.INFO)
    log.handlers = [handler]
    log.setLevel(logging.INFO)
