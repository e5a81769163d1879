"""The configuration of a run: its keys, how it is read and how it is written."""

from darklat.errors import ConfigError
from darklat.schema.read import Origin, load, loads
from darklat.schema.run import (
    Alp,
    Background,
    Checks,
    Conductivity,
    Config,
    Field,
    Initial,
    Lattice,
    Model,
    Output,
    Plasma,
    Time,
    Units,
)
from darklat.schema.write import dump
from darklat.schema.yaml.problems import Problem

__all__ = [
    "Alp",
    "Background",
    "Checks",
    "Conductivity",
    "Config",
    "ConfigError",
    "Field",
    "Initial",
    "Lattice",
    "Model",
    "Origin",
    "Output",
    "Plasma",
    "Problem",
    "Time",
    "Units",
    "dump",
    "load",
    "loads",
]
