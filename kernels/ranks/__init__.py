"""Processes that share one lattice (ranks): which planes each has, and how they speak.

A run of one process has `ALONE` and imports no MPI. `of_launcher` gives the ranks of a process that
mpirun or srun has started.
"""

from darklat.kernels.ranks.alone import ALONE, Alone
from darklat.kernels.ranks.base import Ranks, WithdrawnError
from darklat.kernels.ranks.launcher import of_launcher
from darklat.kernels.ranks.slabs import Slab, slabs

__all__ = ["ALONE", "Alone", "Ranks", "Slab", "WithdrawnError", "of_launcher", "slabs"]
