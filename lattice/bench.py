"""`darklat bench`: how fast the step is, and how fast the memory would let it be, measured in one
run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from darklat.kernels import registry
from darklat.kernels.backends import Backend, make
from darklat.kernels.layout import Variant
from darklat.lattice.fluid import MassiveField
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.physics.background import Background
from darklat.physics.conductivity import Conductivity
from darklat.physics.proca_histories import constant

REPEATS = 7


def bench(
    choice: str,
    *,
    sites: int,
    variant: Variant,
    scheme: str,
    device: int = 0,
    repeats: int = REPEATS,
) -> dict[str, Any]:
    """Medians of `repeats` timed steps after one for warming up, on random fields; rates per
    second, sizes in bytes."""
    backend = make(choice, n=sites, variant=variant, device=device)
    lattice = _random_lattice(backend)
    chosen = INTEGRATORS[scheme]
    stepper = chosen.on(lattice)
    seconds = _median(backend, lambda: stepper.step(tau=1.0, dt=1e-6, close=False), repeats)
    size = {"n": sites, "stride": backend.layout.stride}
    copy = _median(
        backend, lambda: backend.launch("copy", **size, X=lattice.X, E=lattice.E), 2 * repeats
    )
    copy_bytes = registry.KERNELS["copy"].bytes_per_site(backend.layout, 8) * sites**3
    traffic = {k: registry.KERNELS[k].bytes_per_site(backend.layout, 8) for k in stepper.kernels}
    per_step = sum(traffic[k] for k in stepper.kernels)
    bandwidth = copy_bytes / copy
    return {
        "backend": backend.name,
        "device": backend.describe(),
        "sites": sites,
        "gauge_fields": variant.gauge_fields,
        "conducting": variant.conducting,
        "back_reacting": variant.back_reacting,
        "scheme": scheme,
        "precision": "float64",
        "right_hand_sides_per_step": chosen.rhs_per_step,
        "site_steps_per_second": sites**3 / seconds,
        "rhs_per_second": sites**3 * chosen.rhs_per_step / seconds,
        "bytes_per_site_per_step": per_step,
        "copy_bandwidth_bytes_per_second": bandwidth,
        "fraction_of_copy_bandwidth": sites**3 * per_step / seconds / bandwidth,
        "bytes_per_site_per_launch": traffic,
        "state_bytes_per_site": 8
        * (
            (2 + 6 * variant.gauge_fields) * (2 if chosen.two_registers else 1)
            + 3 * (variant.gauge_fields + variant.conducting)
            + 11 * variant.massive
        ),
    }


def seconds_per_step(backend: Backend, *, scheme: str, repeats: int = 2) -> float:
    """Median time of one step on that backend's lattice: what `darklat validate` multiplies."""
    lattice = _random_lattice(backend)
    stepper = INTEGRATORS[scheme].on(lattice)
    return _median(backend, lambda: stepper.step(tau=1.0, dt=1e-6, close=False), repeats)


def _random_lattice(backend: Backend) -> Lattice:
    variant = backend.layout.variant
    couplings = np.full((variant.gauge_fields, variant.gauge_fields), 0.1)
    if not variant.self_coupled:
        couplings[-1, -1] = 0.0
    lattice = Lattice(
        backend,
        couplings=couplings,
        dx=1 / backend.layout.n,
        mass=3.0,
        background=Background("radiation"),
        conductor=Conductivity("constant", value=1e18, mass_eV=1e-17, oscillation_condition=3.0)
        if variant.conducting
        else None,
        massive=[MassiveField(1.0, constant(omega_p=1.0))] * variant.massive,
    )
    generator = np.random.default_rng(1)
    for field in (lattice.theta, lattice.pi, lattice.X, lattice.D):
        field[...] = backend.array(1e-3 * generator.standard_normal(field.shape))
    return lattice


def _median(backend: Backend, action: Callable[[], Any], repeats: int) -> float:
    action()
    times = []
    for _ in range(repeats):
        backend.synchronize()
        begun = time.perf_counter()
        action()
        backend.synchronize()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _of_the_last(numbers: dict[str, Any]) -> str:
    if not numbers["conducting"]:
        return ""
    return ", one conducting" + ("" if numbers["back_reacting"] else " without back-reaction")


def table(numbers: dict[str, Any]) -> str:
    """The numbers of `bench` for reading."""
    lines = [
        f"{numbers['device']} ({numbers['backend']})",
        f"{numbers['sites']}^3 sites, ALP + {numbers['gauge_fields']} U(1)"
        f"{_of_the_last(numbers)}, "
        f"{numbers['scheme']}, {numbers['precision']}",
        f"right-hand sides per second   {numbers['rhs_per_second']:.3g}",
        f"site-steps per second         {numbers['site_steps_per_second']:.3g}",
        f"bytes per site and step       {numbers['bytes_per_site_per_step']} "
        "(each field of each kernel once)",
        "copy bandwidth                "
        f"{numbers['copy_bandwidth_bytes_per_second'] / 1e9:.3g} GB/s",
        f"fraction of copy bandwidth    {numbers['fraction_of_copy_bandwidth']:.2f}",
        f"memory per site               {numbers['state_bytes_per_site']} bytes",
    ]
    return "\n".join(lines)
