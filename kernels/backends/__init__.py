"""Chooses a backend."""

from __future__ import annotations

import socket

import numpy as np

from darklat.errors import InputError, MachineError
from darklat.kernels import registry
from darklat.kernels.backends import nccl
from darklat.kernels.backends.base import Backend, Launch
from darklat.kernels.backends.compile import identity
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.backends.gpu_errors import unusable
from darklat.kernels.layout import Variant
from darklat.kernels.ranks import ALONE, Ranks

__all__ = [
    "CHOICES", "Backend", "Launch", "chosen", "kernel_identity", "make", "refuse_shared_gpus",
]  # fmt: skip
CHOICES = ("auto", "cpu", "cuda")


def chosen(choice: str, ranks: Ranks) -> str:
    """The same for all ranks: "auto" becomes "cuda" where every rank has a GPU, and "cpu" where
    none has. Raises MachineError where some have one and others have none."""
    if choice != "auto" or ranks.size == 1:
        return choice
    without = [rank for rank, reason in enumerate(ranks.gather(unusable())) if reason]
    if 0 < len(without) < ranks.size:
        raise MachineError(
            f"of {ranks.size} ranks {len(without)} have no GPU, the first of them is rank "
            f"{without[0]}: choose --backend cpu, or machines with a GPU for every rank."
        )
    return "cpu" if without else "cuda"


def make(
    choice: str, *, n: int, variant: Variant, device: int = 0, ranks: Ranks = ALONE
) -> Backend:
    """The backend for `choice` "auto" (a GPU when there is one), "cpu" or "cuda".

    device: the number of the GPU. ranks: the processes that share the lattice, for which `chosen`
    has chosen. Raises InputError for any other choice and for what is no number of a device,
    MachineError when the backend cannot be had.
    """
    if choice not in CHOICES:
        raise InputError(f"there is no backend {choice!r}; choose {', '.join(CHOICES)}")
    if isinstance(device, bool) or not isinstance(device, int | np.integer) or device < 0:
        raise InputError(f"device: must be an integer of at least 0, found {device!r}")
    if choice == "cuda" or (choice == "auto" and ranks.size == 1 and unusable() is None):
        return GpuBackend(n=n, variant=variant, device=device, ranks=ranks)
    return CpuBackend(n=n, variant=variant, ranks=ranks)


def refuse_shared_gpus(backend: Backend) -> None:
    """Raises MachineError where two ranks have the same GPU."""
    if isinstance(backend, GpuBackend) and backend.ranks.size > 1:
        nccl.refuse_shared(backend.ranks.gather((socket.gethostname(), backend.place())))


def kernel_identity(backend: Backend) -> str:
    """A digest that is the same where kernels give the same bits. On a CPU it covers the processor,
    the compiler, its flags and the source. On a GPU: see `GpuBackend.identity`."""
    if isinstance(backend, GpuBackend):
        return backend.identity()
    return identity(registry.source(backend.layout.variant, target="cpu"))
