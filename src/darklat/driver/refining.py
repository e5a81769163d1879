"""The command `refine`: a run folder with a checkpoint on a finer lattice, or of another order."""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from darklat.driver import changes, loop
from darklat.driver.commands import output_of
from darklat.driver.feasibility import make_backend, memory_bytes, refuse_unstable
from darklat.errors import BadValueError, InputError
from darklat.kernels.backends import Backend
from darklat.lattice import plan
from darklat.lattice.clock import Clock
from darklat.lattice.evolution import Evolution
from darklat.lattice.interpolation import linear_on_sites
from darklat.lattice.refinement import Refinement, refine
from darklat.physics.numerals import size
from darklat.schema import Config, dump, loads
from darklat.schema.inputs import Inputs
from darklat.schema.overrides import as_text
from darklat.schema.yaml.values import Stored
from darklat.storage import checkpoint, events, inputs, plasma_files, run_folder
from darklat.storage.changes import Change
from darklat.storage.changes import of as changes_of

_OWN = (
    "name",
    "lattice.sites",
    "lattice.order",
    "initial.linear_until",
    "time.scheme",
    "time.courant",
)
_ROUNDING = 1e-9  # of times
log = logging.getLogger("darklat")


def refine_run(
    source: Path,
    *,
    sites: str | int | None = None,
    order: str | int | None = None,
    overrides: Sequence[str] = (),
    out: Path | None = None,
    backend: str = "auto",
    device: int = 0,
) -> tuple[Path, str]:
    """Writes the run folder of a run that goes on from a checkpoint on a finer lattice; returns it,
    and the report to print. source: a checkpoint, or the folder of a run for its newest one.

    sites, order: of the new lattice, by default those of the checkpoint. overrides: keys of the new
    run beside those, which a resume may change or which decide its steps. out: by default
    runs/<name>-<sites>, with -order<order> behind it where that changes.

    Raises InputError and ConfigError before anything is written, NumericalError where the state
    fails a check, MachineError.
    """
    found = _read(source)
    old = found.path.parent.parent
    wanted, past = _wanted(found, sites, order, overrides)
    folder = out if out is not None else run_folder.default(wanted.now.name)
    run_folder.refuse_occupied(folder)
    wanted = _with_profiles(wanted, folder)
    before = inputs.kept(wanted.before, old)
    inputs.refuse_changed(inputs.digests(before, old), json.loads(found.origin["inputs"]), old)
    backends = [make_backend(each, backend, device) for each in (before, wanted.now)]
    needed = _check_memory(wanted, backends)
    coarse = Evolution(before, backends[0], inputs.read(before, at_start=False), clock=past)
    coarse.restore(found.state)
    clock = plan.followed(past, coarse.done, wanted.now)
    try:
        fine = Evolution(wanted.now, backends[1], _refined(coarse, wanted.now), clock=clock)
        result = refine(coarse, fine)
    except BadValueError as error:
        raise wanted.origin.refusal(tuple(error.key.split(".")), error.reason) from error
    fine.check()
    change = Change(step=fine.done, tau=fine.tau, a=fine.a, keys=wanted.keys, same_steps=False)
    made = (*changes_of(found.origin), change)
    lines = _report(found.path, coarse, fine, result, memory=needed)
    _write(folder, old, found, coarse, fine, made, result, lines)
    go_on = f"go on with: darklat resume {shlex.quote(str(folder))}"
    return folder, "\n".join([*lines, go_on])


# ---- The checkpoint, and the configuration of the finer run ----


def _read(source: Path) -> checkpoint.Checkpoint:
    """Raises InputError where there is none that verifies."""
    try:
        if source.is_dir():
            found, rejected = checkpoint.newest(source / "checkpoints")
            for name, reason in rejected:
                log.warning("warning: %s is not taken: %s", name, reason)
            return found
        if not checkpoint.has_seal(source):
            raise InputError(
                f"{source} is no checkpoint: give a file of the folder checkpoints/ of a run, or "
                "the folder of the run"
            )
        return checkpoint.read(source.absolute())
    except checkpoint.BadCheckpoint as error:
        raise InputError(f"{source} cannot be refined: {error}") from error
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error}") from error


def _wanted(
    found: checkpoint.Checkpoint,
    sites: str | int | None,
    order: str | int | None,
    overrides: Sequence[str],
) -> tuple[changes.Wanted, Clock]:
    """The configurations before and after, and the clock until the checkpoint. Raises ConfigError
    for keys that the finer run cannot have."""
    source = str(found.path)
    old = found.path.parent.parent
    before = inputs.with_history(loads(found.config, source=source, base=None, stored=True), old)
    past = changes.past_of(before, found)
    name = before.name
    if sites is not None:
        name = f"{name.removesuffix(f'-{before.lattice.sites}')}-{sites}"
    if order is not None:
        name = f"{name.removesuffix(f'-order{before.lattice.order}')}-order{order}"
    own: dict[str, object] = {"name": name}
    if before.initial.linear_until == "auto":  # which would be sought on the finer lattice
        first = plan.first_time(before)
        a = float(before.expansion.scale_factor(past.tau_start))
        own |= {"initial.linear_until": a if past.tau_start > first else None}
    asked = {"lattice.sites": sites, "lattice.order": order}
    lattice = [f"{key}={value}" for key, value in asked.items() if value is not None]
    wanted = changes.wanted(
        found.config, [*lattice, *as_text(own), *overrides], source=source, also=_OWN
    )
    wanted = replace(wanted, before=before, now=inputs.with_history(wanted.now, old))
    _refuse_coarser(wanted)
    refuse_unstable(wanted.origin, wanted.now)
    tau = past.tau(found.state.step)
    a, a_end = changes.scale_factor(wanted.now, found, tau), wanted.now.time.a_end
    changes.refuse_the_past(wanted, tau=tau, a=a)
    end, now = (plan.last_time(wanted.now), tau) if a_end is None else (a_end, a)
    if end <= now * (1 + _ROUNDING):
        key = "tau_end" if a_end is None else "a_end"
        raise wanted.origin.refusal(
            ("time", key),
            "the checkpoint is at this end, so that nothing would follow: give a later one with "
            f"--set time.{key}=..., or refine an earlier checkpoint",
        )
    return wanted, past


def _refuse_coarser(wanted: changes.Wanted) -> None:
    """Also the lattice of the checkpoint itself."""
    before, now = wanted.before.lattice, wanted.now.lattice
    if now.sites > before.sites or (now.sites == before.sites and now.order != before.order):
        return
    reason = "a coarser lattice loses waves"
    if now.sites == before.sites:
        reason = "the checkpoint is of that lattice and order"
    raise wanted.origin.refusal(
        ("lattice", "sites"),
        f"must be greater than {before.sites}, found {now.sites}: {reason}; "
        f"--sites {2 * before.sites} halves dx, and --order changes the order",
    )


def _with_profiles(wanted: changes.Wanted, folder: Path) -> changes.Wanted:
    """With the refined profiles, which only the new folder has, in place of the files that the
    configuration names."""
    data = wanted.now.model_dump()
    for letter, field in wanted.now.model.fields.items():
        if field.plasma.profile is not None:
            copy = inputs.copy_of(folder.absolute(), letter, "profile", ".h5")
            data["model"]["fields"][letter]["plasma"]["profile"] = copy
    return replace(wanted, now=Config.model_validate(data, context=Stored()))


def _check_memory(wanted: changes.Wanted, backends: Sequence[Backend]) -> int:
    """The memory for both lattices at once, and for the checkpoint that was read. Raises
    ConfigError where there is less."""
    needed = plan.checkpoint_bytes(wanted.before) + sum(
        memory_bytes(config, backend)
        for config, backend in zip((wanted.before, wanted.now), backends, strict=True)
    )
    available = backends[1].memory_available()
    if needed > available:
        sites = wanted.now.lattice.sites
        raise wanted.origin.refusal(
            ("lattice", "sites"),
            f"to refine to {sites}^3 sites takes {size(needed)} of memory, "
            f"{size(available)} are available on {backends[1].describe()}",
        )
    return needed


def _refined(coarse: Evolution, config: Config) -> Inputs:
    """The inputs of the finer run: the tables of the coarser, and profiles on the finer lattice."""
    sites = config.lattice.sites
    profiles = {
        letter: plasma_files.normalised(linear_on_sites(own, sites))
        for letter, own in coarse.inputs.profiles.items()
    }
    return Inputs(tables=coarse.inputs.tables, profiles=profiles)


# ---- What is written, and what is said ----


def _write(
    folder: Path,
    old: Path,
    found: checkpoint.Checkpoint,
    coarse: Evolution,
    fine: Evolution,
    made: tuple[Change, ...],
    result: Refinement,
    lines: Sequence[str],
) -> None:
    """The run folder. The checkpoint comes first: with it a resume has all that it needs, and
    without it there is no run."""
    resolved = dump(fine.config)
    with (
        run_folder.taken(folder, new=True) as taken,
        run_folder.LogFile(folder),
        events.Recorder(folder) as record,
    ):
        for line in taken.notes:
            log.warning("warning: %s", line)
        for line in lines:
            log.debug("%s", line)
        for each in made:
            record.write(
                events.Changed(
                    step=each.step, a=each.a, keys=dict(each.keys), same_steps=each.same_steps
                )
            )
        inputs.hand_on(coarse.config, old, folder)
        for letter, profile in fine.inputs.profiles.items():
            copy = inputs.copy_of(folder, letter, "profile", ".h5")
            inputs.make_room(copy)
            plasma_files.write_profile(copy, profile)
        output = output_of(fine, folder, resolved, record, made=made)
        loop.save(fine, output)
        loop.flush(fine, output)
        run_folder.write_config(folder, resolved)
        record.write(
            events.Refined(
                source=str(found.path),
                step=fine.done,
                steps=fine.clock.steps,
                a=fine.a,
                sites_before=coarse.config.lattice.sites,
                sites=fine.config.lattice.sites,
                order_before=coarse.config.lattice.order,
                order=fine.config.lattice.order,
                added=result.added / result.energy_before,
            )
        )


def _report(
    path: Path, coarse: Evolution, fine: Evolution, result: Refinement, *, memory: int
) -> list[str]:
    unit, before, now = fine.unit, coarse.config, fine.config
    rows = {name: (own, result.after[name]) for name, own in result.before.items()}
    shown = {name: pair for name, pair in rows.items() if name.startswith("rho/")}
    a4 = fine.a**4
    shown["all"] = result.energy_before / a4, result.energy_after / a4
    last = fine.clock.steps - fine.done
    lines = [
        f"refined    {path} at step {fine.done}, a/{unit('a_osc')} = {fine.a:.6g}",
        f"lattice    {before.lattice.sites}^3 -> {now.lattice.sites}^3 sites, box "
        f"{now.lattice.box:g} {unit('tau_osc')}, dx = {before.dx:.4g} -> {now.dx:.4g}, "
        f"order {before.lattice.order} -> {now.lattice.order}",
        f"steps      {last} to the end, the first of dt = {fine.clock.dt(fine.done):.4g}",
        f"memory     {size(memory)} for both lattices",
        f"{'':<12}{'before':>14}{'after':>14}{'change':>10}",
    ]
    for name, (was, found) in shown.items():
        change = f"{found / was - 1:+.2%}" if was else "-"
        lines.append(f"{name:<12}{was:>14.6g}{found:>14.6g}{change:>10}")
    for name, (was, found) in rows.items():
        if name.startswith(("gauss/", "lorenz/")):
            lines.append(f"{name:<12}{was:>14.2g}{found:>14.2g}")
    was, found = rows["power_at_cutoff"]
    lines.append(f"{'at cutoff':<12}{was:>14.2g}{found:>14.2g}")
    lines.append(
        "The added energy counts as given from outside, so that the energy balance does not see it."
    )
    return lines


__all__ = ["refine_run"]
