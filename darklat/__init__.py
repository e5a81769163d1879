"""darklat: a lattice engine for axion-like particles, dark photons and the photon."""

from importlib.metadata import version

__version__ = version("darklat")
