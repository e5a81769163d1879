"""Chooses a backend."""

from __future__ import annotations

import numpy as np

from darklat.errors import InputError, MachineError
from darklat.kernels import registry
from darklat.kernels.backends.base import Backend, Launch
from darklat.kernels.backends.compile import identity
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.backends.gpu_errors import unusable
from darklat.kernels.layout import Variant
from darklat.kernels.ranks import ALONE, Ranks

__all__ = ["CHOICES", "Backend", "Launch", "kernel_identity", "make"]
CHOICES = ("auto", "cpu", "cuda")


def make(
    choice: str, *, n: int, variant: Variant, device: int = 0, ranks: Ranks = ALONE
) -> Backend:
    """The backend for `choice` "auto" (a GPU when there is one), "cpu" or "cuda".

    device: the number of the GPU. ranks: the processes that share the lattice. Raises InputError
    for any other choice and for what is no number of a device, MachineError when the backend cannot
    be had.
    """
    if choice not in CHOICES:
        raise InputError(f"there is no backend {choice!r}; choose {', '.join(CHOICES)}")
    if isinstance(device, bool) or not isinstance(device, int | np.integer) or device < 0:
        raise InputError(f"device: must be an integer of at least 0, found {device!r}")
    if choice == "cuda" and ranks.size > 1:
        raise MachineError(
            f"a lattice on the GPUs of {ranks.size} ranks: so far only processors share a lattice. "
            "Run with the backend cpu, or with one process."
        )
    if choice == "cuda" or (choice == "auto" and ranks.size == 1 and unusable() is None):
        return GpuBackend(n=n, variant=variant, device=device)
    return CpuBackend(n=n, variant=variant, ranks=ranks)


def kernel_identity(backend: Backend) -> str:
    """A digest that is the same where kernels give the same bits. On a CPU it covers the processor,
    the compiler, its flags and the source. On a GPU: see `GpuBackend.identity`."""
    if isinstance(backend, GpuBackend):
        return backend.identity()
    return identity(registry.source(backend.layout.variant, target="cpu"))
