"""`darklat submit`: prepare run folders, write a script, hand it to the scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from darklat.driver import feasibility, ladders
from darklat.driver.jobs import chosen
from darklat.driver.jobs.script import script
from darklat.driver.same_run import settings_for
from darklat.errors import InputError, MachineError
from darklat.schema import Config, dump
from darklat.schema import profile as profiles
from darklat.schema.read import Origin
from darklat.schema.sweep import Sweep, read
from darklat.storage import hdf5, job_file, run_folder, sweep_folder

SCRIPT = "job.sh"
SETTINGS = "settings.txt"  # a line KEY=VALUE for each change of a run that has begun


@dataclass(frozen=True)
class _Run:
    folder: Path
    config: Config
    origin: Origin
    settings: Sequence[str] = ()
    """Changes of the run that is in the folder, as after `--set`."""


def submit(
    path: Path,
    *,
    profile_path: Path,
    overrides: Sequence[str] = (),
    out: Path | None = None,
    dry_run: bool = False,
) -> str:
    """Submits a run as a job, or a sweep as an array of jobs; returns the message to the user.

    A folder with an unfinished run of the same configuration is continued, and finished runs of a
    sweep are left out. Where only keys differ that a resume can change, the job changes them. With
    `dry_run` nothing is written, and the script is returned. Raises ConfigError, InputError and
    MachineError.
    """
    found = read(path, overrides)
    profile = profiles.load(profile_path)
    if isinstance(found, Sweep):
        name = found.name
        top = out if out is not None else run_folder.default(name)
        runs = [_Run(top / run.name, run.config, run.origin) for run in found.runs]
    else:
        name = found[0].name
        top = out if out is not None else run_folder.default(name)
        runs = [_Run(top, *found)]
    for run in runs:
        feasibility.check_plan(run.origin, run.config)
    if isinstance(found, Sweep):
        ladders.refuse_equal_steps(found)
    runs = [replace(run, settings=settings_for(run.folder, run.config)) for run in runs]
    runs = [run for run in runs if run.settings or not run_folder.is_finished(run.folder)]
    if not runs:
        raise InputError(f"{top} has reached its end already: there is nothing to submit")
    folders = [run.folder for run in runs]
    text = script(profile, name=name, folders=folders, array=isinstance(found, Sweep))
    if dry_run:
        return text
    if profile.venv and not Path(profile.venv, "bin", "activate").is_file():
        raise InputError(f"{profile_path}: venv: there is no bin/activate in {profile.venv}")
    _refuse_queued(folders)
    if isinstance(found, Sweep):
        sweep_folder.make(top, found, ladders.orders(found))
    _prepare(top, runs, text)
    scheduler = chosen()
    job = scheduler.submit(top / run_folder.JOB / SCRIPT)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    for number, run in enumerate(runs):
        own = scheduler.task_of(job, number) if isinstance(found, Sweep) else job
        job_file.record(run.folder, job_file.Submitted(own, now))
    what = f"array of {len(runs)} jobs" if isinstance(found, Sweep) else "job"
    lines = [f"{what} {job} is in the queue; its log will be in {top / run_folder.JOB}"]
    lines += [f"it changes {run.folder}: {', '.join(run.settings)}" for run in runs if run.settings]
    return "\n".join([*lines, f"see how it is getting on: darklat status {top}"])


def _refuse_queued(folders: list[Path]) -> None:
    jobs = {folder: found.job for folder in folders if (found := job_file.recorded(folder))}
    scheduler = chosen()
    queue = scheduler.queue(jobs.values())
    if isinstance(queue, str):
        return  # the submission will name the fault
    for folder, job in jobs.items():
        if job in queue and queue[job].state != "over":
            raise InputError(
                f"{folder} is in the queue as job {job} ({queue[job]}): wait for it, or "
                f"`{scheduler.cancel(job)}` and submit again"
            )


def _prepare(top: Path, runs: list[_Run], text: str) -> None:
    """Writes the configuration of every run into its folder, and the script."""
    try:
        for folder in (top, *(run.folder for run in runs)):
            (folder / run_folder.JOB).mkdir(parents=True, exist_ok=True)
            job_file.forget(folder)
    except OSError as error:
        raise MachineError(f"{top} cannot be prepared: {error}; choose another --out") from error
    for run in runs:
        resolved = dump(run.config)
        _write(run.folder / run_folder.JOB / run_folder.CONFIG, resolved)
        _write(run.folder / run_folder.JOB / SETTINGS, "".join(f"{s}\n" for s in run.settings))
    _write(top / run_folder.JOB / SCRIPT, text)


def _write(path: Path, text: str) -> None:
    hdf5.replace(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
