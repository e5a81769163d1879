"""darklat: a lattice engine for axion-like particles, dark photons and the photon.

The public names; docs/notebook.md shows them at work:

    load, loads            read a configuration, with overrides
    run, resume, open_run  a run in a folder, which gives a Run
    Run                    a run folder: series, spectra, snapshots, figures, report
    Simulation             a run in memory, step by step, with a callback
    refine                 a run that goes on with a finer lattice
    converge               a ladder of runs: numbers with error bars
    scan                   several runs that differ in a parameter
    validate, suggest      the cost of a run, and lattices that suit it
    Config                 a configuration that has been read
    initial                writes the file of initial fields that a run starts from
    errors                 the exceptions

Everything is imported when it is first used: `import darklat` alone takes a millisecond.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; the module typing alone takes milliseconds

if TYPE_CHECKING:
    from darklat import errors, initial
    from darklat.api.advice import suggest, validate
    from darklat.api.converge import converge
    from darklat.api.load import load, loads
    from darklat.api.refine import refine
    from darklat.api.run import Run, open_run, resume, run
    from darklat.api.scan import scan
    from darklat.api.simulation import Simulation
    from darklat.schema import Config

    __version__: str

__all__ = [
    "Config",
    "Run",
    "Simulation",
    "__version__",
    "converge",
    "errors",
    "initial",
    "load",
    "loads",
    "open_run",
    "refine",
    "resume",
    "run",
    "scan",
    "suggest",
    "validate",
]

_HOMES = {
    "Config": "darklat.schema",
    "Run": "darklat.api.run",
    "Simulation": "darklat.api.simulation",
    "converge": "darklat.api.converge",
    "load": "darklat.api.load",
    "loads": "darklat.api.load",
    "open_run": "darklat.api.run",
    "refine": "darklat.api.refine",
    "resume": "darklat.api.run",
    "run": "darklat.api.run",
    "scan": "darklat.api.scan",
    "suggest": "darklat.api.advice",
    "validate": "darklat.api.advice",
}

if not TYPE_CHECKING:  # a type checker sees the imports above, and no name besides

    def __getattr__(name: str) -> object:
        """The public name, imported when it is first asked for."""
        from importlib import import_module

        if name == "__version__":
            from importlib import metadata  # slow to import; help does without it

            value = metadata.version("darklat")
        elif name in ("errors", "initial"):
            value = import_module(f"darklat.{name}")
        elif name in _HOMES:
            value = vars(import_module(_HOMES[name]))[name]
        else:
            raise AttributeError(f"module 'darklat' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
