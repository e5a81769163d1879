"""The configuration of a run: its keys, how it is read and how it is written.

Each section of a configuration has its keys in a class of its own, named after it: LatticeKeys.
"""

from darklat.errors import ConfigError
from darklat.schema.alp_keys import AlpKeys
from darklat.schema.background import BackgroundKeys, FluidKeys
from darklat.schema.read import Origin, load, load_located, loads
from darklat.schema.run import (
    ChecksKeys,
    ConductivityKeys,
    Config,
    FieldKeys,
    InitialKeys,
    LatticeKeys,
    ModelKeys,
    OutputKeys,
    PlasmaKeys,
    TimeKeys,
    UnitsKeys,
)
from darklat.schema.write import dump
from darklat.schema.yaml.problems import Problem

__all__ = [
    "AlpKeys",
    "BackgroundKeys",
    "ChecksKeys",
    "ConductivityKeys",
    "Config",
    "ConfigError",
    "FieldKeys",
    "FluidKeys",
    "InitialKeys",
    "LatticeKeys",
    "ModelKeys",
    "Origin",
    "OutputKeys",
    "PlasmaKeys",
    "Problem",
    "TimeKeys",
    "UnitsKeys",
    "dump",
    "load",
    "load_located",
    "loads",
]
