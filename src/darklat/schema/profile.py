"""The profile of a cluster: the resources that a job asks Slurm for, and the environment that it
needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from darklat.schema.profile_values import (
    Duration,
    Memory,
    Module,
    Option,
    ShellText,
    VariableName,
    Word,
)
from darklat.schema.read import entries, folder_of, in_order, validate
from darklat.schema.section import FileKeys
from darklat.schema.texts import read_text
from darklat.schema.time_span import seconds
from darklat.schema.yaml.document import find, problem_at
from darklat.schema.yaml.problems import Problem
from darklat.schema.yaml.values import Choice, Container, Integer

REFERENCE = "slurm_gpu"

OptionalWord = Annotated[str | None, Word()]


class Profile(FileKeys):
    """Every key of a profile; configs/profiles/slurm_gpu.yaml explains each."""

    account: OptionalWord = None
    partition: OptionalWord = None
    qos: OptionalWord = None
    time: Annotated[str, Duration()] = pydantic.Field(examples=["time: 24:00:00"])
    signal_seconds: Annotated[int, Integer(least=10, most=65535)] = 120
    cpus: Annotated[int, Integer(least=1, most=4096)] = 1
    memory: Annotated[str | None, Memory()] = None
    gres: OptionalWord = None
    nodes: Annotated[int, Integer(least=1, most=65535)] = 1
    tasks_per_node: Annotated[int, Integer(least=1, most=4096)] = 1
    gpus_per_task: Annotated[int | None, Integer(least=1, optional=True)] = None
    tasks_at_once: Annotated[int | None, Integer(least=1, optional=True)] = None
    options: Annotated[
        tuple[Annotated[str, Option()], ...],
        Container(list, "a list of options of sbatch, such as [--constraint=a100]"),
    ] = ()
    modules: Annotated[
        tuple[Annotated[str, Module("the name of a module")], ...],
        Container(list, "a list of modules, such as [gcc/12, cuda/12.4]"),
    ] = ()
    environment: Annotated[
        dict[
            Annotated[str, VariableName()],
            Annotated[str, ShellText("the text of a variable", empty=True)],
        ],
        Container(dict, "a mapping from variables to texts, such as {DARKLAT_CACHE: /scratch/me}"),
    ] = pydantic.Field(default_factory=dict)
    venv: Annotated[str | None, ShellText("the path of a virtual environment", optional=True)] = (
        None
    )
    backend: Annotated[Literal["auto", "cpu", "cuda"], Choice()] = "auto"

    @property
    def ranks(self) -> int:
        """The processes that share a run."""
        return self.nodes * self.tasks_per_node


def load(path: Path) -> Profile:
    """Read a profile. `venv`, if relative, is taken from the folder of the file.

    Raises ConfigError with every problem found, also when the file cannot be read.
    """
    problems: list[Problem] = []
    root = entries(
        read_text(path, "profile"),
        source=str(path),
        problems=problems,
        what="profile",
        reference=REFERENCE,
    )
    found = validate(root, Profile, problems)
    if found is not None and found.signal_seconds >= seconds(found.time):
        entry, there = find(root, ("signal_seconds",))
        message = (
            f"{found.signal_seconds} s before the end of {found.time} the job has not begun yet: "
            "use fewer, or a longer time"
        )
        place = entry.value if there else find(root, ("time",))[0].value
        problems.append(problem_at(place, ("signal_seconds",), message))
    if found is None or problems:
        raise in_order(problems, str(path), ())
    if found.venv is None:
        return found
    venv = os.path.abspath(folder_of(path) / os.path.expanduser(found.venv))
    return found.model_copy(update={"venv": venv})
