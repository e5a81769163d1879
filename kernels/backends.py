"""Chooses a backend."""

from __future__ import annotations

from darklat.kernels import cpu, gpu
from darklat.kernels.cpu import CpuBackend
from darklat.kernels.gpu import GpuBackend
from darklat.kernels.layout import Variant

Backend = CpuBackend | GpuBackend
Launch = cpu.Launch | gpu.Launch
CHOICES = ("auto", "cpu", "cuda")


def make(choice: str, *, n: int, variant: Variant, device: int = 0) -> Backend:
    """The backend for `choice` "auto" (a GPU when there is one), "cpu" or "cuda".

    Raises MachineError when it cannot be had.
    """
    if choice == "cuda" or (choice == "auto" and gpu.probe() is None):
        return GpuBackend(n=n, variant=variant, device=device)
    return CpuBackend(n=n, variant=variant)
