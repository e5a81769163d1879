"""The configuration of a run: its keys, how it is read and how it is written."""

from darklat.lattice.config.loader import Origin, load, loads
from darklat.lattice.config.problems import ConfigError, Problem
from darklat.lattice.config.schema import (
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
from darklat.lattice.config.writer import dump

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
