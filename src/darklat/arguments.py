"""The arguments of the command `darklat`: its subcommands, and the arguments of each."""

from __future__ import annotations

import argparse
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Of the whole command line; `command` is the name of the subcommand."""
    whole = argparse.ArgumentParser(
        prog="darklat",
        description="ALPs, dark photons and the photon on a lattice in the expanding universe.",
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    commands = whole.add_subparsers(metavar="COMMAND", dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    _run(command("run", "run a config, or all runs of a sweep one after another"))
    _converge(
        command(
            "converge",
            "run a ladder of lattices, boxes, steps and seeds: numbers with error bars",
        )
    )
    _resume(command("resume", "continue a run from its newest good checkpoint"))
    _refine(
        command(
            "refine",
            "go on from a checkpoint on a finer lattice of the same box, or one of another order",
        )
    )
    _analyze(
        command(
            "analyze",
            "tables and figures of a run, or of a sweep or several runs together",
        )
    )
    _submit(command("submit", "submit a run, or a sweep as an array, to the queue of a cluster"))
    _status(command("status", "say how runs and sweeps are getting on"))
    _report(command("report", "one HTML file on a run, or on several: checks, figures, numbers"))
    _figure(command("figure", "draw a figure of a paper from its config, without a run"))
    _relic(command("relic", "the history and density of one relic of a dark sector"))
    _validate(command("validate", "check a config and say what the run will cost"))
    _suggest(command("suggest", "suggest boxes and ends for a lattice, and say what they cost"))
    _bench(command("bench", "measure speed and memory traffic"))
    command("doctor", "check compiler, OpenMP, GPU and libraries")
    _packaged(command("config", "print a packaged config, or list their names"))
    return whole


class _Version(argparse.Action):
    """Looks the version up when it is asked for: that takes longer than printing help."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import darklat

        print(f"{parser.prog} {darklat.__version__}")
        parser.exit()


# ---- Arguments of several subcommands. ----


def _config(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "config",
        type=Path,
        help="YAML file, - for stdin, or the name of a packaged one; darklat config reference has "
        "every key",
    )
    _overrides(sub, "lattice.sites=32")


def _overrides(sub: argparse.ArgumentParser, example: str) -> None:
    sub.add_argument(
        "--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE",
        help=f"set a key by its dotted path, for example --set {example}; may be repeated",
    )  # fmt: skip


def _walltime(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--walltime", type=_span, metavar="TIME",
        help="stop in time with a checkpoint and exit code 85: minutes, H:MM:SS or D-HH:MM:SS "
        "from now (default: the end of the cluster's job, if this is in one)",
    )  # fmt: skip


def _device(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--backend",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="default: a GPU if there is one",
    )
    sub.add_argument("--device", type=_count, default=0, metavar="N", help="number of the GPU")


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be 0, 1, 2, ..., not {text}")
    return int(text)


def _ranks(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be 1, 2, 3, ..., not {text}")
    return int(text)


def _listed(text: str) -> str:
    """1,2 as a list of YAML, whose items the reader of configurations judges."""
    return f"[{text}]"


def _rungs(text: str) -> str:
    """A whole number as it is, and everything else as a list of YAML."""
    return text if text.isdigit() else _listed(text)


def _span(text: str) -> float:
    from darklat.schema import time_span

    try:
        return time_span.seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


# ---- One subcommand each. ----


def _run(sub: argparse.ArgumentParser) -> None:
    _config(sub)
    sub.add_argument("--out", type=Path, metavar="DIR", help="run folder (default: runs/<name>)")
    _walltime(sub)
    _device(sub)


def _converge(sub: argparse.ArgumentParser) -> None:
    _config(sub)
    for key, of in (
        ("lattices", "lattice.sites in the same box, for example 32,48,64"),
        ("boxes", "lattice.box at the same spacing, for example 0.5,1"),
        ("steps", "time.courant, for example 0.1,0.2"),
        ("seeds", "initial.seed, for example 1,2,3"),
    ):
        sub.add_argument(
            f"--{key}", type=_rungs, metavar="N",
            help=f"how many, or a list of {of}; the value of the config is one of them, and 1 "
            f"varies nothing (default: converge.{key}, see darklat config reference)",
        )  # fmt: skip
    sub.add_argument(
        "--at", type=_listed, metavar="A,...",
        help="scale factors (static: conformal times) at which the runs are compared (default: "
        "the end, or converge.at of the config)",
    )  # fmt: skip
    sub.add_argument(
        "--out", type=Path, metavar="DIR",
        help="folder of the ladder (default: runs/<name>-convergence); called again, the command "
        "goes on with its runs",
    )  # fmt: skip
    _walltime(sub)
    _device(sub)


def _resume(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", type=Path, metavar="DIR")
    sub.add_argument(
        "--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE",
        help="change a key from here on, for example --set time.a_end=20; allowed are the end, "
        "output and checks; may be repeated",
    )  # fmt: skip
    _walltime(sub)
    _device(sub)


def _refine(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "source", type=Path, metavar="CHECKPOINT",
        help="a file of the folder checkpoints/ of a run, or that run's folder for the newest one",
    )  # fmt: skip
    sub.add_argument(
        "--sites", metavar="N", help="sites along an axis of the finer lattice, twice as many say"
    )
    sub.add_argument(
        "--order", metavar="N", help="of its differences, as lattice.order of a config"
    )
    sub.add_argument(
        "--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE",
        help="a key of the finer run, for example --set time.a_end=20; allowed are time, "
        "output, checks and name; may be repeated",
    )  # fmt: skip
    sub.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="its run folder (default: runs/<name>-<sites>, or runs/<name>-order<order>)",
    )
    _device(sub)


def _analyze(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="two or more, or that of a sweep, are compared: curves and spectra in one figure, and "
        "r, epsilon, b against the parameter that differs",
    )
    sub.add_argument("--scan", action="store_true", help="refuse a single folder")
    sub.add_argument(
        "--with", dest="analysis", type=Path, metavar="FILE",
        help="another analysis of a single run: YAML file, or the name of a packaged one; "
        "`darklat config alp_photon_conversion` has every key",
    )  # fmt: skip
    sub.add_argument(
        "--out", type=Path, metavar="DIR",
        help="folder for the results (default: DIR of a single run, runs/scan of several)",
    )  # fmt: skip
    sub.add_argument(
        "--against", metavar="KEY",
        help="for a scan: the parameter on the axis, for example initial.seed "
        "(default: the physical one that differs)",
    )  # fmt: skip


def _submit(sub: argparse.ArgumentParser) -> None:
    _config(sub)
    sub.add_argument(
        "--profile", type=Path, required=True, metavar="FILE",
        help="the resources that a job asks for: YAML file, or the name of a packaged one; "
        "`darklat config slurm_gpu` has every key",
    )  # fmt: skip
    sub.add_argument("--out", type=Path, metavar="DIR", help="run folder, or folder of the sweep")
    sub.add_argument("--dry-run", action="store_true", help="print the batch script and do nothing")


def _status(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folders", type=Path, nargs="+", metavar="DIR")


def _report(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="a run, a sweep, or several of them"
    )
    sub.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="HTML file (default: DIR/report.html; of several DIRs runs/scan/report.html)",
    )


def _figure(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "config",
        type=Path,
        help="YAML file, or the name of a packaged one, for example dark_qed_fig16",
    )
    sub.add_argument(
        "--out", type=Path, metavar="DIR", help="folder (default: runs/<name of the config>)"
    )


def _relic(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "config",
        type=Path,
        help="YAML file, - for stdin, or the name of a packaged one, for example freeze_in",
    )
    _overrides(sub, "mass_phi_GeV=0.02")
    sub.add_argument(
        "--out", type=Path, metavar="DIR", help="folder (default: runs/<name of the config>)"
    )


def _packaged(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "name",
        metavar="NAME",
        help="first_light, for example; reference has every key, and list says which there are",
    )


def _validate(sub: argparse.ArgumentParser) -> None:
    _config(sub)
    sub.add_argument(
        "--ranks", type=_ranks, default=1, metavar="N",
        help="also what the run needs of each of so many processes (mpirun -n N)",
    )  # fmt: skip
    _device(sub)


def _suggest(sub: argparse.ArgumentParser) -> None:
    _config(sub)
    sub.add_argument(
        "--sites", metavar="N", help="sites along an axis (default: lattice.sites of the config)"
    )
    _device(sub)


def _bench(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--sites", type=_count, default=128, metavar="N", help="sites per axis (default: 128)"
    )
    sub.add_argument(
        "--fields", type=_count, default=1, metavar="N", help="number of U(1) fields (default: 1)"
    )
    sub.add_argument(
        "--massive", type=_count, default=0, metavar="N",
        help="how many of the fields have a mass and a plasma (strang; default: 0)",
    )  # fmt: skip
    sub.add_argument(
        "--scheme", default="strang", help="time integrator, as time.scheme of a config"
    )
    sub.add_argument(
        "--conducting", action="store_true", help="the last of the fields conducts (strang)"
    )
    sub.add_argument(
        "--no-back-reaction", action="store_true", help="the conducting field is not felt"
    )
    sub.add_argument(
        "--precision", choices=("float64", "float32"), default="float64", help="of the fields"
    )
    sub.add_argument(
        "--order",
        type=int,
        choices=(2, 4, 6),
        default=2,
        help="of the differences in space (default: 2)",
    )
    sub.add_argument("--json", action="store_true", help="print JSON")
    _device(sub)
