"""darklat: a lattice engine for axion-like particles, dark photons and the photon."""


def __getattr__(name: str) -> str:
    """`__version__`, looked up when it is asked for: that takes longer than printing help."""
    if name != "__version__":
        raise AttributeError(f"module 'darklat' has no attribute {name!r}")
    from importlib.metadata import version

    return version("darklat")
