"""`darklat bench`: how fast a step and each of its kernels is, and how fast the memory would let
them be, measured in one run."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darklat.errors import InputError
from darklat.kernels.backends import Backend, make
from darklat.kernels.layout import Variant
from darklat.lattice import traffic
from darklat.lattice.fusion import kept_per_site
from darklat.lattice.integrators import INTEGRATORS, Stepper
from darklat.lattice.lattice import Lattice
from darklat.lattice.passes import Pass
from darklat.lattice.sectors import values_per_site
from darklat.lattice.sectors.plasma import MassiveField
from darklat.physics.background import Radiation
from darklat.physics.numerals import plain, size
from darklat.physics.proca.histories import constant
from darklat.physics.thermal.conductivity import Conductivity

REPEATS = 7
LEAST_SITES = 4  # per axis
SHORTEST = 2e-3  # seconds of a timing: far above a clock's tick and the launch of a kernel
MOST_LAUNCHES = 400  # of a kernel of a GPU between two events
LAUNCH_BOUND = 1.2  # a kernel that takes less than so many launches of the host waits for it


@dataclass(frozen=True)
class KernelSpeed:
    """One kernel of a step alone over the lattice; axis: "x", "y", "z", or None where it has
    none.

    launch_bound: on a GPU, the host took as long to launch it as the device to run it, so that its
    time is the host's. On a CPU it is false.
    """

    kernel: str
    axis: str | None
    per_step: int
    bytes_per_site: int
    seconds_per_site: float
    fraction_of_copy_bandwidth: float
    launch_bound: bool


@dataclass(frozen=True)
class Speed:
    """The results, and the machine and kernels that gave them. Rates per second, sizes in bytes.

    bytes_per_site_per_step: each field of each kernel once. least_...: each array at most once per
    right-hand side (traffic.py). The fractions are of these bytes over the time of a step.
    array_bytes_per_site: counted. memory_bytes_per_site: the growth of the process, or of the
    device's pool, since before there were arrays.
    """

    backend: str
    device: str
    sites: int
    gauge_fields: int
    massive: int
    conducting: bool
    back_reacting: bool
    scheme: str
    precision: str
    order: int
    right_hand_sides_per_step: int
    seconds_per_step: float
    site_steps_per_second: float
    rhs_per_second: float
    copy_bandwidth_bytes_per_second: float
    bytes_per_site_per_step: int
    fraction_of_copy_bandwidth: float
    least_bytes_per_site_per_step: int
    fraction_of_copy_bandwidth_at_least_bytes: float
    array_bytes_per_site: float
    memory_bytes_per_site: float
    kernels: list[KernelSpeed]


def variant_of(
    *,
    fields: int,
    massive: int,
    conducting: bool,
    back_reacting: bool,
    precision: str,
    order: int = 2,
) -> Variant:
    """The kernels for so many U(1) fields. The last conducts, if one does; the fields with a mass
    come before it. Raises InputError when these do not go together."""
    if fields < 1:
        raise InputError("--fields must be at least 1")
    if massive > fields - conducting:
        raise InputError(
            f"--massive {massive}: of --fields {fields}, {fields - conducting} can have a mass"
            + (", because a conducting field cannot; add fields" if conducting else "; add fields")
        )
    if not (back_reacting or conducting):
        raise InputError("--no-back-reaction is about a conducting field: add --conducting")
    return Variant(
        fields,
        conducting=conducting,
        back_reacting=back_reacting,
        self_coupled=not conducting,
        massive=massive,
        single=precision == "float32",
        order=order,
    )


def bench(choice: str, *, sites: int, variant: Variant, scheme: str, device: int = 0) -> Speed:
    """Medians of REPEATS timings after a first that warms up, on random fields.

    Raises InputError when the scheme does not exist or cannot step these fields. Raises it too when
    the lattice is too small or does not fit in memory; MachineError as `make`.
    """
    _check(scheme, sites, variant)
    backend = make(choice, n=sites, variant=variant, device=device)
    check_memory(backend, scheme)
    before, chosen = backend.memory_used(), INTEGRATORS[scheme]
    lattice = random_lattice(backend)
    stepper = chosen.on(lattice)
    seconds = _median(backend, lambda: step(stepper), REPEATS)
    memory = backend.memory_used() - before
    copy = Pass("copy", X=lattice.X, E=lattice.E)
    copy.launch = backend.bind("copy", **copy.arguments)
    layout, passes = backend.layout, stepper.passes
    bandwidth = sites**3 * traffic.bytes_per_site([copy], layout) / _alone(backend, copy)[0]
    counted = traffic.bytes_per_site(passes, layout)
    least = traffic.least_bytes_per_site(passes, layout, visits=chosen.rhs_per_step)
    return Speed(
        backend=backend.name,
        device=backend.describe(),
        sites=sites,
        gauge_fields=variant.gauge_fields,
        massive=variant.massive,
        conducting=variant.conducting,
        back_reacting=variant.back_reacting,
        scheme=scheme,
        precision=str(layout.dtype),
        order=variant.order,
        right_hand_sides_per_step=chosen.rhs_per_step,
        seconds_per_step=seconds,
        site_steps_per_second=sites**3 / seconds,
        rhs_per_second=sites**3 * chosen.rhs_per_step / seconds,
        copy_bandwidth_bytes_per_second=bandwidth,
        bytes_per_site_per_step=counted,
        fraction_of_copy_bandwidth=sites**3 * counted / seconds / bandwidth,
        least_bytes_per_site_per_step=least,
        fraction_of_copy_bandwidth_at_least_bytes=sites**3 * least / seconds / bandwidth,
        array_bytes_per_site=traffic.array_bytes_per_site(passes, layout),
        memory_bytes_per_site=memory / sites**3,
        kernels=_kernels(backend, passes, bandwidth=bandwidth),
    )


def seconds_per_step(backend: Backend, *, scheme: str) -> float:
    """Time of one step on that backend's lattice; `darklat validate` multiplies it."""
    stepper = INTEGRATORS[scheme].on(random_lattice(backend))
    return _median(backend, lambda: step(stepper), 2)


def _check(scheme: str, sites: int, variant: Variant) -> None:
    least = max(LEAST_SITES, variant.order + 2)  # more than a kernel reaches
    if sites < least:
        raise InputError(f"--sites {sites} is too few: at least {least}")
    if scheme not in INTEGRATORS:
        raise InputError(f"--scheme {scheme} is unknown; there are {', '.join(INTEGRATORS)}")
    for needed, option in ((variant.conducting, "--conducting"), (variant.massive, "--massive")):
        if needed and not INTEGRATORS[scheme].splitting:
            able = " or ".join(name for name, own in INTEGRATORS.items() if own.splitting)
            raise InputError(f"{option} needs --scheme {able}, not {scheme}")


def check_memory(backend: Backend, scheme: str) -> None:
    """Raises InputError for a lattice that does not fit in the memory of its backend."""
    layout = backend.layout
    two_registers = INTEGRATORS[scheme].two_registers
    values = values_per_site(layout.variant, two_registers=two_registers)
    values += kept_per_site(layout.variant, backend=backend.name, two_registers=two_registers)
    needed, available = layout.itemsize * values * layout.sites, backend.memory_available()
    if needed > available:
        largest = math.floor(layout.n * (available / needed) ** (1 / 3))
        raise InputError(
            f"--sites {layout.n}: {layout.n}^3 sites need {size(needed)} of memory, "
            f"{size(available)} are available on {backend.describe()}; "
            + (f"at most {largest} fit" if largest >= LEAST_SITES else "no lattice fits")
        )


def random_lattice(backend: Backend) -> Lattice:
    """Random fields and couplings of 0.1 on that backend, for timings and for tests of launches."""
    lattice = lattice_of(backend)
    generator = np.random.default_rng(1)
    cube = (backend.layout.n,) * 3
    links = [component for field in (lattice.X, lattice.D) for own in field for component in own]
    with backend.working():
        for component in (lattice.theta, lattice.pi, *links):  # one by one, to need little more
            component[...] = backend.array(generator.normal(scale=1e-3, size=cube))
    return lattice


def lattice_of(backend: Backend) -> Lattice:
    """Fields of zeros with couplings of 0.1 on that backend."""
    variant = backend.layout.variant
    couplings = np.full((variant.gauge_fields, variant.gauge_fields), 0.1)
    if not variant.self_coupled:
        couplings[-1, -1] = 0.0
    medium = Conductivity("constant", value=1e18, mass_eV=1e-17, oscillation_condition=3.0)
    with backend.working():
        return Lattice(
            backend,
            couplings=couplings,
            dx=1 / backend.layout.n,
            mass=3.0,
            background=Radiation(),
            conductor=medium if variant.conducting else None,
            massive=[MassiveField(1.0, constant(omega_p=1.0))] * variant.massive,
        )


def step(stepper: Stepper) -> None:
    """A step as the engine takes it between outputs."""
    stepper.step(tau=1.0, dt=1e-6, close=False)


def _kernels(backend: Backend, passes: Sequence[Pass], *, bandwidth: float) -> list[KernelSpeed]:
    """Every distinct kernel of a step, in the order of its first pass."""
    same: dict[tuple[str, int | None], list[Pass]] = {}
    for p in passes:
        same.setdefault((p.kernel, p.axis), []).append(p)
    found = []
    for (kernel, axis), of_kernel in same.items():
        moved = traffic.bytes_per_site(of_kernel[:1], backend.layout)
        seconds, launch_bound = _alone(backend, of_kernel[0])
        each = seconds / backend.layout.sites
        found.append(
            KernelSpeed(
                kernel=kernel,
                axis=None if axis is None else "xyz"[axis],
                per_step=len(of_kernel),
                bytes_per_site=moved,
                seconds_per_site=each,
                fraction_of_copy_bandwidth=moved / each / bandwidth,
                launch_bound=launch_bound,
            )
        )
    return found


def _alone(backend: Backend, p: Pass) -> tuple[float, bool]:
    """Seconds that one pass takes over the whole lattice, and whether they are the host's."""
    launches: list[Any] = [p.launch]
    if backend.name == "cpu":
        return _median(backend, lambda: backend.run(launches), REPEATS), False
    backend.run(launches)
    once = backend.seconds(lambda: backend.run(launches))
    launches_of_one = min(MOST_LAUNCHES, math.ceil(SHORTEST / once))
    timings = [on_device(backend, p, launches_of_one) for _ in range(REPEATS)]
    device, host = (statistics.median(each) for each in zip(*timings, strict=True))
    return device, device < LAUNCH_BOUND * host


def on_device(backend: Backend, p: Pass, launches: int) -> tuple[float, float]:
    """Seconds of a GPU, and of the host, for one of many launches of a pass in a row."""
    many: list[Any] = [p.launch] * launches
    for _ in range(2):  # they are one graph from the second time on
        backend.run(many)
    device = backend.seconds(lambda: backend.run(many))
    backend.synchronize()
    begun = time.perf_counter()
    backend.run(many)
    host = time.perf_counter() - begun
    backend.synchronize()
    return device / launches, host / launches


def _median(backend: Backend, action: Callable[[], Any], repeats: int) -> float:
    """Seconds that an action takes, after it ran once; short ones are timed several together."""
    action()
    times = math.ceil(SHORTEST / backend.seconds(action))

    def several() -> None:
        for _ in range(times):
            action()

    return statistics.median(backend.seconds(several) / times for _ in range(repeats))


def table(speed: Speed) -> str:
    """The numbers of `bench` for reading."""
    lines = [
        f"{speed.device} ({speed.backend})",
        f"{speed.sites}^3 sites, ALP + {speed.gauge_fields} U(1){_of_the_fields(speed)}, "
        f"{speed.scheme}, {speed.precision}, order {speed.order}",
        f"right-hand sides per second   {plain(speed.rhs_per_second)}",
        f"site-steps per second         {plain(speed.site_steps_per_second)}",
        f"copy bandwidth                {plain(speed.copy_bandwidth_bytes_per_second / 1e9)} GB/s",
        f"bytes per site and step       {speed.bytes_per_site_per_step} "
        f"(each field of each kernel once): {speed.fraction_of_copy_bandwidth:.2f} "
        "of the copy bandwidth",
        f"                              {speed.least_bytes_per_site_per_step} "
        "(each array once per right-hand side): "
        f"{speed.fraction_of_copy_bandwidth_at_least_bytes:.2f}",
        f"memory per site               {speed.array_bytes_per_site:.0f} bytes in arrays, "
        f"{speed.memory_bytes_per_site:.0f} measured",
        "",
        _ROW.format("kernel alone", "axis", "per step", "bytes/site", "ns/site", "of copy"),
        *[_row(each) for each in speed.kernels],
    ]
    ns = 1e9 * sum(each.per_step * each.seconds_per_site for each in speed.kernels)
    lines += [
        _ROW.format("all of a step", "", "", speed.bytes_per_site_per_step, f"{ns:.3f}", ""),
        _ROW.format(
            "a step", "", "", speed.bytes_per_site_per_step,
            f"{1e9 / speed.site_steps_per_second:.3f}", f"{speed.fraction_of_copy_bandwidth:.2f}",
        ),
    ]  # fmt: skip
    if any(each.launch_bound for each in speed.kernels):
        lines.append("* the device waits for the host to launch it: take more sites to time it")
    return "\n".join(line.rstrip() for line in lines)


_ROW = "{:22}{:>5}{:>10}{:>12}{:>10}{:>9}"


def _row(each: KernelSpeed) -> str:
    return _ROW.format(
        each.kernel + " *" * each.launch_bound, each.axis or "", each.per_step,
        each.bytes_per_site, f"{1e9 * each.seconds_per_site:.3f}",
        f"{each.fraction_of_copy_bandwidth:.2f}",
    )  # fmt: skip


def _of_the_fields(speed: Speed) -> str:
    massive = f", {speed.massive} massive" if speed.massive else ""
    if not speed.conducting:
        return massive
    return f"{massive}, one conducting{'' if speed.back_reacting else ' without back-reaction'}"
