"""Measures a CUDA device in at most eight minutes: whether it computes as the CPU does, how fast.

    python benchmarks/gpu.py --out gpu.json

Parity of steps with the CPU; each kernel alone, between events around hundreds of launches; whole
steps and memory per site for three models, two precisions and several sizes; a spectrum; Fig. 1 of
the benchmark. The copy bandwidth is measured at the size, model and precision of every row. What
does not fit in memory or in time is listed, not left out silently. It needs darklat, cupy and, for
the parity, a C++ compiler; no network.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import darklat
from darklat.driver import bench
from darklat.errors import DarklatError
from darklat.kernels.backends import Backend, make
from darklat.kernels.backends.gpu import GpuBackend
from darklat.lattice import plan, traffic
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.passes import Pass
from darklat.lattice.spectra import SpectrumPlan

MODELS: dict[str, dict[str, Any]] = {
    "ALP + X": {"fields": 1, "massive": 0, "conducting": False, "back_reacting": True},
    "ALP + X + conducting A": {
        "fields": 2, "massive": 0, "conducting": True, "back_reacting": False
    },
    "ALP + massive X": {"fields": 1, "massive": 1, "conducting": False, "back_reacting": True},
}  # fmt: skip
PRECISIONS = ("float64", "float32")
PARITY_SITES = 34  # more than a tile of rows, a multiple of nothing
TOLERANCE = {"float64": 1e-12, "float32": 1e-4}  # of the largest value, after two steps
STEPS_SECONDS = 0.3  # of a timing of steps
RESERVE = 150.0  # seconds that are kept for Fig. 1


@dataclass(frozen=True)
class Parity:
    """Largest difference from the CPU over the largest value, over all fields."""

    model: str
    precision: str
    scheme: str
    difference: float
    passed: bool


@dataclass(frozen=True)
class KernelRow:
    """One kernel alone; microseconds on the device, and of the host for a launch."""

    model: str
    precision: str
    sites: int
    kernel: str
    axis: str
    bytes_per_site: int
    microseconds: float
    host_microseconds: float
    bytes_per_second: float
    fraction_of_copy: float
    launch_bound: bool


@dataclass(frozen=True)
class StepRow:
    """A whole step: its time, that of the host alone, and the fractions of the copy bandwidth by
    the kernels' bytes and by the least ones; measured memory per site, of fields and registers."""

    model: str
    precision: str
    sites: int
    seconds: float
    site_steps_per_second: float
    copy_bytes_per_second: float
    fraction_by_kernels: float
    fraction_by_least: float
    memory_bytes_per_site: float


@dataclass(frozen=True)
class SpectrumRow:
    """All spectra of ALP + X: seconds, and the memory per site that they leave in the pool, with
    cuFFT's workspace."""

    sites: int
    seconds: float
    memory_bytes_per_site: float


@dataclass(frozen=True)
class Fig1:
    """The run of Fig. 1, up to where time let it."""

    sites: int
    a_wanted: float
    a_reached: float
    steps: int
    seconds_to_start: float
    seconds_of_steps: float
    r: float
    epsilon: float


@dataclass
class Results:
    """All that was measured, and what was not, with the reason."""

    where: dict[str, str]
    parity: list[Parity] = field(default_factory=list)
    kernels: list[KernelRow] = field(default_factory=list)
    steps: list[StepRow] = field(default_factory=list)
    spectra: list[SpectrumRow] = field(default_factory=list)
    fig1: Fig1 | None = None
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Measurement:
    """A device, the time that is left, and the results so far."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.begun = options, time.monotonic()
        self.results = Results(_where(options.device))

    @property
    def left(self) -> float:
        """Seconds."""
        return 60 * self.options.minutes - (time.monotonic() - self.begun)

    def attempt(self, what: str, action: Callable[[], None], *, reserve: float = 0.0) -> None:
        """Does it where there is time. A failure of one part does not cost the others."""
        if self.left < reserve:
            self.results.left_out.append(f"{what}: no time left")
            return
        try:
            action()
        except (DarklatError, MemoryError) as error:
            self.results.left_out.append(f"{what}: {error}")

    def backend(self, model: str, precision: str, sites: int, choice: str = "cuda") -> Backend:
        """For a model of MODELS. Raises DarklatError where it does not fit on the device."""
        variant = bench.variant_of(**MODELS[model], precision=precision)
        found = make(choice, n=sites, variant=variant, device=self.options.device)
        bench.check_memory(found, "strang")
        return found

    def run(self) -> Results:
        """All parts, in the order of their importance."""
        options, results = self.options, self.results
        for each in _parities():
            self.attempt(f"parity of {', '.join(each)}", partial(self.parity, *each))
        for sites in options.sites:
            for model, precision in product(MODELS, PRECISIONS):
                self.attempt(
                    f"{model}, {precision}, {sites}^3",
                    partial(self.steps, model, precision, sites), reserve=RESERVE,
                )  # fmt: skip
            self.attempt(f"spectra, {sites}^3", partial(self.spectrum, sites), reserve=RESERVE)
        self.attempt("Fig. 1", self.fig1, reserve=1.0)
        results.seconds = time.monotonic() - self.begun
        return results

    # ---- The parts

    def parity(self, model: str, precision: str, scheme: str) -> None:
        """Two steps from the same random fields here and on the CPU."""
        found = []
        for choice in ("cuda", "cpu"):
            backend = self.backend(model, precision, self.options.parity_sites, choice)
            lattice = bench.random_lattice(backend)
            stepper = INTEGRATORS[scheme].on(lattice)
            for i in range(2):
                stepper.step(tau=1 + 0.01 * i, dt=0.1 / backend.layout.n, close=i == 1)
            arrays = (lattice.theta, lattice.pi, lattice.X, lattice.D)
            found.append([backend.to_host(array).astype(np.float64) for array in arrays])
        worst = max(
            float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for a, b in zip(*found, strict=True)
        )
        passed = worst < TOLERANCE[precision]
        self.results.parity.append(Parity(model, precision, scheme, worst, passed))

    def steps(self, model: str, precision: str, sites: int) -> None:
        """Whole steps, the memory that they need, and each of their kernels."""
        backend = self.backend(model, precision, sites)
        before = backend.memory_used()
        lattice = bench.lattice_of(backend)
        cube = backend.array(np.random.default_rng(1).normal(scale=1e-3, size=3 * (sites,)))
        links = [part for of in (lattice.X, lattice.D) for own in of for part in own]
        with backend.working():
            for component in (lattice.theta, lattice.pi, *links):
                component[...] = cube
        del cube
        stepper = INTEGRATORS["strang"].on(lattice)
        seconds = _seconds_of(backend, lambda: bench.step(stepper), self.options.step_seconds)
        memory = backend.memory_used() - before
        copy = Pass("copy", X=lattice.X, E=lattice.E)
        copy.launch = backend.bind("copy", **copy.arguments)
        launches, layout = self.options.launches, backend.layout
        copied = traffic.bytes_per_site([copy], layout) * sites**3
        bandwidth = copied / bench.on_device(backend, copy, launches)[0]
        moved = sites**3 / seconds / bandwidth  # times bytes per site
        least = traffic.least_bytes_per_site(stepper.passes, layout, visits=2)
        self.results.steps.append(
            StepRow(
                model, precision, sites, seconds, sites**3 / seconds, bandwidth,
                moved * traffic.bytes_per_site(stepper.passes, layout), moved * least,
                memory / sites**3,
            )
        )  # fmt: skip
        distinct = {(p.kernel, p.axis): p for p in stepper.passes}
        for (kernel, axis), p in distinct.items():
            each, of_host = bench.on_device(backend, p, launches)
            per_site = traffic.bytes_per_site([p], layout)
            rate = per_site * sites**3 / each
            self.results.kernels.append(
                KernelRow(
                    model, precision, sites, kernel, "" if axis is None else "xyz"[axis], per_site,
                    1e6 * each, 1e6 * of_host, rate, rate / bandwidth,
                    each < bench.LAUNCH_BOUND * of_host,
                )
            )  # fmt: skip

    def spectrum(self, sites: int) -> None:
        """The spectra of ALP + X, whose cost is three transforms and their sums by mode."""
        backend = self.backend("ALP + X", "float64", sites)
        lattice = bench.random_lattice(backend) if sites <= 128 else bench.lattice_of(backend)
        measurement = SpectrumPlan(backend, n=sites, box=1.0)
        lattice.update_electric()
        before = backend.memory_used()
        with backend.working():
            seconds = _seconds_of(
                backend,
                lambda: measurement.measure(lattice.sectors, 1.0),
                self.options.step_seconds,
            )
        memory = (backend.memory_used() - before) / sites**3
        self.results.spectra.append(SpectrumRow(sites, seconds, memory))

    def fig1(self) -> None:
        """With an exact linear phase on the host, then steps of 0.4 dx."""
        sites, until = self.options.fig1_sites, self.options.fig1_until
        overrides = {
            "lattice.sites": sites, "lattice.box": sites / 64, "time.a_end": until,
            "time.courant": 0.4, "initial.linear_until": "auto",
        }  # fmt: skip
        config = darklat.load("choi2018_fig1", overrides)
        begun = time.monotonic()
        variant = plan.variant(config)
        backend = make("cuda", n=sites, variant=variant, device=self.options.device)
        evolution = Evolution(config, backend)
        evolution.start()
        started = time.monotonic()
        while evolution.done < evolution.clock.steps and (self.left > 0 or not evolution.closed):
            evolution.step()
            if evolution.closed:
                evolution.record()
        row = evolution.row()
        self.results.fig1 = Fig1(
            sites, until, evolution.a, evolution.done, started - begun, time.monotonic() - started,
            row["r"], row["epsilon"],
        )  # fmt: skip


def _parities() -> Iterator[tuple[str, str, str]]:
    for model in MODELS:
        for precision in PRECISIONS:
            yield model, precision, "strang"
    yield "ALP + X", "float64", "rk46nl"


def _seconds_of(backend: Backend, action: Callable[[], Any], least: float) -> float:
    """Of one of as many actions as take `least` seconds, after two that warm up."""
    action()
    times = max(1, int(least / backend.seconds(action)))
    return backend.seconds(lambda: [action() for _ in range(times)]) / times


def _where(device: int) -> dict[str, str]:
    """Device and versions, and the machine. Raises MachineError where there is no device."""
    backend = make(
        "cuda",
        n=8,
        variant=bench.variant_of(**MODELS["ALP + X"], precision="float64"),
        device=device,
    )
    assert isinstance(backend, GpuBackend)  # "cuda" is one
    return {
        "device": backend.describe(),
        "versions": backend.versions(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "darklat": version("darklat"),
        "machine": platform.platform(),
        "when": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
    }


def table(results: Results) -> str:
    """The numbers for reading."""
    lines = [f"{name:10}{value}" for name, value in results.where.items()]
    lines.append("\nparity with the CPU, two steps: largest difference over largest value")
    lines += [
        f"  {p.model:24}{p.precision:9}{p.scheme:8}{p.difference:9.1e}  "
        f"{'passed' if p.passed else 'FAILED'}"
        for p in results.parity
    ]
    lines.append(
        "\nsteps of strang                    sites   ms/step  site-steps/s  copy GB/s"
        "  by kernels  by least  B/site"
    )
    lines += [
        f"  {s.model:24}{s.precision:9}{s.sites:5}{1e3 * s.seconds:10.3f}"
        f"{s.site_steps_per_second:14.3g}{s.copy_bytes_per_second / 1e9:11.0f}"
        f"{s.fraction_by_kernels:12.2f}{s.fraction_by_least:10.2f}{s.memory_bytes_per_site:8.0f}"
        for s in results.steps
    ]
    lines.append(
        "\nkernels alone                      sites  kernel                         us   host us"
        "     GB/s  of copy"
    )
    lines += [
        f"  {k.model:24}{k.precision:9}{k.sites:5}  {k.kernel + ' ' + k.axis:24}"
        f"{k.microseconds:10.1f}{k.host_microseconds:10.1f}{k.bytes_per_second / 1e9:9.0f}"
        f"{k.fraction_of_copy:9.2f}{'  launch-bound' if k.launch_bound else ''}"
        for k in results.kernels
    ]
    lines.append("\nspectra of ALP + X      sites        ms   bytes/site kept")
    lines += [
        f"  {s.sites:26}{1e3 * s.seconds:10.1f}{s.memory_bytes_per_site:18.0f}"
        for s in results.spectra
    ]
    if f := results.fig1:
        lines.append(
            f"\nFig. 1 at {f.sites}^3: a = {f.a_reached:.4g} of {f.a_wanted:g} in {f.steps} steps, "
            f"{f.seconds_to_start:.1f} s to start and {f.seconds_of_steps:.1f} s of steps; "
            f"r = {f.r:.4g}, epsilon = {f.epsilon:.4g}"
        )
    lines += [f"\nleft out: {line}" for line in results.left_out]
    return "\n".join([*lines, f"\n{results.seconds:.0f} s in all"])


def main(words: Sequence[str] | None = None) -> int:
    """Measures, prints the table and writes the JSON; 1 where a parity failed or nothing ran,
    4 without a device."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--sites", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--parity-sites", type=int, default=PARITY_SITES)
    parser.add_argument("--launches", type=int, default=300)
    parser.add_argument("--step-seconds", type=float, default=STEPS_SECONDS)
    parser.add_argument("--fig1-sites", type=int, default=128)
    parser.add_argument("--fig1-until", type=float, default=30.0)
    options = parser.parse_args(words)
    try:
        results = Measurement(options).run()
    except DarklatError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    options.out.write_text(json.dumps(dataclasses.asdict(results), indent=2) + "\n", "utf-8")
    print(table(results))
    return 0 if results.parity and all(p.passed for p in results.parity) else 1


if __name__ == "__main__":
    raise SystemExit(main())
