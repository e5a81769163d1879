"""A run that goes on with a finer lattice, or one of another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from darklat.api.run import Run, warnings_shown
from darklat.schema.overrides import as_text


def refine(
    source: str | Path | Run,
    *,
    sites: int | None = None,
    order: int | None = None,
    overrides: Mapping[str, object] | Sequence[str] | None = None,
    out: str | Path | None = None,
    backend: str = "auto",
    device: int = 0,
) -> Run:
    """Writes the folder of a run that goes on from a checkpoint on a finer lattice, as the command
    `darklat refine` does, and returns the run before its first new step. `resume` goes on with it.

    source: a checkpoint, or a run or its folder for its newest one. sites, order: of the new
    lattice, by default those of the checkpoint. overrides: keys of the new run beside those, as for
    `load`: its `time`, `output`, `checks` and `name`. out: the folder (default:
    runs/<name>-<sites>, with -order<order> behind it where that changes). backend, device: as for
    `run`. The energy that the refinement adds is in `run.log`.

    Raises InputError for a file that is no good checkpoint, and for a folder that has something in
    it; ConfigError for a lattice that is not finer, and for a key that cannot be changed;
    NumericalError where the state fails a check; MachineError. A refusal writes nothing.
    """
    from darklat.driver.refining import refine_run  # the engine, which looking at runs does without

    with warnings_shown():
        folder, _ = refine_run(
            source.folder if isinstance(source, Run) else Path(source),
            sites=sites,
            order=order,
            overrides=as_text(overrides),
            out=None if out is None else Path(out),
            backend=backend,
            device=device,
        )
    return Run(folder)
