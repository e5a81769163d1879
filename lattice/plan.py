"""The plan and cost of a run, from its config alone: steps, memory, warnings."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from darklat.errors import BadValueError
from darklat.kernels.backends import Backend, gpu_fourier
from darklat.kernels.backends.exchanges import halo_of
from darklat.kernels.declarations.waves import COMPONENTS
from darklat.kernels.layout import Variant
from darklat.lattice import history_checks, potential_warnings, precision
from darklat.lattice.clock import Clock
from darklat.lattice.clock import clock as clock_of
from darklat.lattice.fusion import kept_per_site
from darklat.lattice.integrators import INTEGRATORS, Integrator
from darklat.lattice.lattice import Lattice
from darklat.lattice.linear_phase import phase
from darklat.lattice.schedule import Schedule
from darklat.lattice.schedule import schedule as schedule_of
from darklat.lattice.sectors import extra_sectors, sectors_of, values_per_site
from darklat.lattice.sectors.plasma import MassiveField, history, profile
from darklat.physics import alp, relaxation, staggered
from darklat.physics.background import Background
from darklat.physics.friedmann import Friedmann
from darklat.physics.mode_equations import unstable_band
from darklat.physics.numerals import plain
from darklat.physics.potential_checks import fastest
from darklat.physics.spectra import cutoff
from darklat.physics.thermal.conductivity import Conductivity
from darklat.physics.thermal.conductivity import warnings as conductivity_warnings
from darklat.schema import Config
from darklat.schema.inputs import Inputs
from darklat.schema.run import MOST_SITES
from darklat.schema.sizes import SIZE

MASS_STEP = 0.5  # largest a m dt of strang: twelve steps and more in a period of the ALP
AGE_STEP = 0.25  # largest dt/tau while an ALP at rest gains the energy a^4 V, as tau^4
STRETCHES_PER_DOUBLING = 3  # of a, where a m decides the step
MOST_STEPS = 10**9  # of a run: two days on 8^3 sites, whose step takes the least time
_CONDUCTIVITIES = 65  # of a run, the least of which limits the step
CUFFT_WORKSPACE = 2  # numbers per site of the planes that are done at once
_AT_ONCE = 4 + CUFFT_WORKSPACE  # the same, with a copy of the planes and their transforms


def first_time(config: Config) -> float:
    """Conformal time of the initial state."""
    a_start = config.initial.a_start
    return 0.0 if a_start is None else config.expansion.tau_of(a_start)


def last_time(config: Config) -> float:
    """Conformal time of the end. Where the fields move the scale factor, that by which it has come
    to its end at the latest."""
    history, a_end, a_start = config.expansion, config.time.a_end, config.initial.a_start
    if a_end is not None and a_start is not None and isinstance(history, Friedmann):
        return history.latest(a_end, since=a_start)
    if a_end is not None:
        return history.tau_of(a_end)
    assert config.time.tau_end is not None  # the schema's business
    return config.time.tau_end


def clock(config: Config) -> Clock:
    """Steps of at most courant dx, and at most mass_step/(a m), over the run's span or its part
    after the linear phase. m is the largest mass of the ALP and the massive fields that are coupled
    to it. Where a m decides, they change STRETCHES_PER_DOUBLING times while a doubles. With an ALP
    they are at most AGE_STEP of the age at their start, or less where a grows faster than the age:
    the energy balance is then good to 1%."""
    return _clock_from(phase.hand_over(config) or first_time(config), config)


def refuse_endless(config: Config) -> None:
    """Raises BadValueError for a run that nobody could wait for: of more than MOST_STEPS, or with a
    linear phase that is too long. Takes no time itself. Raises as `history_checks.refuse`."""
    history_checks.refuse(config, conductivity(config), first_time(config), last_time(config))
    phase.refuse_endless(config)
    search = config.initial.linear_until == "auto"  # which takes time; without it steps are more
    start = None if search else phase.hand_over(config)
    times = _clock_from(start or first_time(config), config)
    if times.steps > MOST_STEPS:
        raise BadValueError(
            "time.tau_end" if config.time.a_end is None else "time.a_end",
            f"the run would take {times.steps:.2g} steps, the last one of dt = "
            f"{times.dt(times.steps):.2g}, and at most {MOST_STEPS:.0e} are taken: use an earlier "
            "end, or a larger step (lattice.box over lattice.sites, time.courant; "
            f"{mass_step(config):g}/(a m) where this is less)",
        )


def continued(past: Clock, step: int, config: Config) -> Clock:
    """The clock of a run that has done its first steps by another one, and whose end has been moved
    by the config. It is `clock` where this has the same first steps; otherwise a new clock begins
    at that step."""
    whole = clock(config)
    if whole.same_until(step, past):
        return whole
    return followed(past, step, config)


def followed(past: Clock, step: int, config: Config) -> Clock:
    """The clock of a run that has done its first steps by another one; a new one begins at that
    step."""
    return past.followed_by(_clock_from(past.tau(step), config), at=step)


def _clock_from(start: float, config: Config) -> Clock:
    background = config.expansion
    end = last_time(config)
    of_the_lattice, mass = config.time.courant * config.dx, _largest_mass(config)
    of_the_mass = mass_step(config)

    grown, early, aged = start, [], AGE_STEP  # an edge wherever the age has doubled
    if config.mass > 0 and background.singular:
        aged = AGE_STEP / max(1.0, background.power(start))  # a^4 V grows as tau^(4 power)
        while grown < min(of_the_lattice / aged, end):
            early.append(grown)
            grown *= 2

    def longest(tau: float) -> float:
        rate = mass * float(background.scale_factor(tau))
        limit = min(of_the_lattice, of_the_mass / rate) if rate > 0 else of_the_lattice
        return min(limit, aged * tau / 2) if early and tau <= grown else limit

    later: list[float] = []
    if config.expands and mass > 0:
        last, decides = float(background.scale_factor(end)), of_the_mass / (mass * of_the_lattice)
        # A history that is integrated is not asked for times behind the end.
        first = max(start, background.tau_of(decides)) if decides < last else end
        growth = last / float(background.scale_factor(first))
        count = math.ceil(STRETCHES_PER_DOUBLING * math.log2(growth)) if end > first else 0
        later = [first * (end / first) ** (i / count) for i in range(count)]
    between = sorted({*early, grown, *later})
    return clock_of([start, *(tau for tau in between if start < tau < end), end], longest)


def mass_step(config: Config) -> float:
    """The largest a m dt with the scheme of the config."""
    return MASS_STEP * scheme(config).longer


def schedule(config: Config, times: Clock) -> Schedule:
    """When the run looks at its fields."""
    return schedule_of(config, times, partial(fastest_growth, config))


def _largest_mass(config: Config) -> float:
    """m tau_osc of the ALP, times sqrt|V''| at its largest where that is above 1, or of the
    heaviest massive field that is coupled to it."""
    coupled = [
        mass_of(config, letter)
        for letter, row in zip(config.letters, config.coupling_matrix, strict=True)
        if letter in config.massive and row.any()
    ]
    model = config.model.alp
    turns = fastest(model.V, model.theta_initial) if model else 1.0
    return max([config.mass * turns, *coupled])


def longest_stable_step(config: Config, a: float) -> float:
    """The step above which the fastest wave on the lattice grows at scale factor a. This wave has
    omega^2 = 3 khat^2 + a^2 m^2 with the largest khat on an axis; that of a conducting field has no
    mass, and a limit of its own."""
    fastest = fastest_wave(config)
    free = _largest_free_courant(config) * config.dx
    longest = free * fastest / math.hypot(fastest, a * _largest_mass(config))
    if config.conducting is None:
        return longest
    return min(longest, relaxation.longest_stable_step(fastest, conductivity(config).at(a)))


def largest_courant(config: Config) -> float:
    """dt/dx above which free waves grow, or those of a conducting field at its least conductivity
    in the run."""
    free = _largest_free_courant(config)
    if config.conducting is None:
        return free
    first, last = (config.expansion.scale_factor(t(config)) for t in (first_time, last_time))
    sigma = np.min(conductivity(config).at(np.geomspace(first, last, _CONDUCTIVITIES)))
    step = relaxation.longest_stable_step(fastest_wave(config), float(sigma))
    return min(free, step / config.dx)


def _largest_free_courant(config: Config) -> float:
    """The schemes state it for a lattice of order 2; at higher orders the fastest waves are
    faster."""
    faster = staggered.largest_khat(config.lattice.order) / staggered.largest_khat(2)
    return scheme(config).largest_courant / faster


def fastest_wave(config: Config) -> float:
    """The largest |khat| of the lattice, in its corner (1/tau_osc)."""
    return staggered.largest_khat(config.lattice.order) * math.sqrt(3) / config.dx


def scheme(config: Config) -> Integrator:
    """The time integrator that the config names."""
    return INTEGRATORS[config.time.scheme]


def conductivity(config: Config) -> Conductivity:
    """The conductivity of the field that conducts, or zero."""
    if config.conducting is None:
        medium: dict[str, Any] = {"kind": "zero"}
    else:
        medium = config.model.fields[config.conducting].conductivity.model_dump(exclude_none=True)
    # Only H of the radiation at a = 1 matters here. It is passed as the mass, with condition 1.
    hubble = config.program_units.hubble_eV * (config.radiation_hubble or 1.0)
    return Conductivity(**medium, mass_eV=hubble, oscillation_condition=1.0)


def mass_of(config: Config, letter: str) -> float:
    """m tau_osc, or m tau_*, of a massive field."""
    return config.model.fields[letter].mass_eV / config.program_units.hubble_eV


def massive(config: Config, inputs: Inputs, times: Clock) -> list[MassiveField]:
    """The massive fields in the order of the engine's arrays. Raises BadValueError when a table of
    a plasma does not fit the span of the run."""
    background = config.expansion
    span = background.scale_factor(times.tau_start), background.scale_factor(times.tau(times.steps))
    found = []
    for letter in config.massive:
        plasma, key = config.model.fields[letter].plasma, f"model.fields.{letter}.plasma"
        own = history(plasma, inputs.tables.get(letter), key=key, span=span)
        found.append(MassiveField(mass_of(config, letter), own))
    return found


def lattice(
    config: Config,
    backend: Backend,
    inputs: Inputs,
    times: Clock,
    background: Background | None = None,
) -> Lattice:
    """The fields of the config, all zero; they step in `background`, by default that of the config.
    Raises InputError as `massive`."""
    fluids = [x for x in config.massive if config.model.fields[x].plasma.kind != "none"]
    return Lattice(
        backend,
        couplings=config.coupling_matrix,
        dx=config.dx,
        mass=config.mass,
        background=background or config.expansion,
        conductor=conductivity(config) if config.conducting else None,
        massive=massive(config, inputs, times),
        profiles=[profile(config, letter, inputs) for letter in config.massive],
        with_fluid=fluids,
        extra=extra_sectors(config),
        alp=config.model.alp is not None,
        letters=config.letters,
    )


def variant(config: Config) -> Variant:
    """The kernels that the config needs."""
    conducting = config.conducting
    return Variant(
        gauge_fields=len(config.letters),
        potential=config.model.alp.V if config.model.alp else "quadratic",
        conducting=conducting is not None,
        back_reacting=conducting is None or config.model.fields[conducting].back_reaction,
        # of a conducting field; the same kernels for all others
        self_coupled=conducting is None or bool(config.coupling_matrix[-1, -1]),
        massive=len(config.massive),
        single=config.lattice.precision == "float32",
        unit_exponent=precision.unit_exponent(config),
        order=config.lattice.order,
        waves=config.output.gravitational_waves is not None,
    )


def memory_bytes(config: Config, *, on_gpu: bool = False, ranks: int = 1) -> int:
    """Peak memory of the engine: fields and registers, then the largest temporary. Temporaries are
    transforms for a spectrum, the start, and the copy in a checkpoint. On a GPU these last two are
    in the memory of the host, which is not counted, and transforms go through planes of their own.
    ranks: of each of so many, with the planes of its neighbours and what a transform sends and
    receives."""
    n, gauge = config.lattice.sites, len(config.letters)
    planes = math.ceil(n / ranks)
    sites = planes * n**2
    itemsize = 4 if config.lattice.precision == "float32" else 8
    kernels = variant(config)
    two_registers = scheme(config).two_registers
    standing = values_per_site(kernels, two_registers=two_registers, sectors=sectors_of(config))
    beside = sum(sector.kept_bytes(config) for sector in sectors_of(config))
    # half spaces of a field's components, or of the source's; scratch; list of modes
    transforms = (len(COMPONENTS) if kernels.waves else 3) + 2
    transforms += 2 * (ranks > 1)
    around = 1.0  # and the planes of neighbours
    if ranks > 1:
        halo = halo_of(n, kernels, ranks, backend="cuda" if on_gpu else "cpu")
        around += 2 * halo / planes
    if on_gpu:
        if ranks == 1:  # slabs have no fused kernels
            standing += kept_per_site(kernels, backend="cuda", two_registers=two_registers)
        temporary = 8 * (transforms + _AT_ONCE * gpu_fourier.PLANES / planes)
        fields = standing * itemsize * around
        return math.ceil(sites * (fields + temporary)) + beside
    # X and E on the mode lattice and in space, while a vacuum is drawn; in the linear phase the
    # modes of all fields and the arrays for their spectrum
    start = 12 if config.initial.linear_until is None else max(12, 6 * gauge + transforms)
    # on the host; and one dataset being written and verified
    checkpoint = checkpoint_bytes(config) / (8 * n**3) + 2 * 3 * gauge
    fields = standing * (itemsize + itemsize * kernels.ghosts / n) * around
    return math.ceil(sites * (fields + 8 * max(transforms, start, checkpoint))) + beside


def checkpoint_bytes(config: Config) -> int:
    """Size of a checkpoint's fields."""
    kernels, sectors = variant(config), sectors_of(config)
    per_site = sum(sector.saved_per_site(kernels) for sector in sectors)
    beside = sum(sector.saved_bytes(config) for sector in sectors)
    return 8 * config.lattice.sites**3 * per_site + beside


def warnings(config: Config, times: Clock) -> list[str]:
    """Warnings to the user before the run starts, with the numbers."""
    background = config.expansion
    found = conductivity_warnings(
        conductivity(config),
        a_start=float(background.scale_factor(first_time(config))),
        a_end=float(background.scale_factor(times.tau(times.steps))),
    )
    found += _band_warnings(config)
    found += potential_warnings.warnings(
        config, first=first_time(config), end=times.tau(times.steps)
    )
    found += history_checks.warnings(background, end=times.tau(times.steps))
    if config.initial.kind == "inflation":
        found += _horizon_warnings(config, times)
    return found


def _horizon_warnings(config: Config, times: Clock) -> list[str]:
    """Where inflation's start does not hold, because modes have entered the horizon."""
    largest, start = fastest_wave(config), times.tau_start
    if largest * start <= 1:
        return []
    first = float(config.expansion.scale_factor(1 / largest))
    earlier = f"a_start of at most {first:.2g}, or " if first > SIZE[0] else ""
    return [
        f"initial.a_start: the lattice has modes up to khat = {plain(largest)}, and those above "
        f"{plain(1 / start)} = 1/tau are inside the horizon at the start, where what inflation "
        f"leaves is not known. Use {earlier}a larger dx."
    ]


def fastest_growth(config: Config) -> float:
    """g |theta'| at its largest: `band_edge` over the whole run, and the highest rate at which the
    energy of a mode grows (1/tau_osc)."""
    return band_edge(config, end=last_time(config))


def band_edge(config: Config, *, end: float) -> float:
    """The largest k of a mode that is unstable at some time up to conformal time end, in
    1/tau_osc; zero without an ALP and without couplings."""
    model = config.model.alp
    if model is None:
        return 0.0
    slope = alp.largest_slope(
        config.expansion,
        mass=config.mass,
        theta_initial=model.theta_initial,
        potential=model.V,
        span=(first_time(config), end),
    )
    coupling = float(np.max(np.abs(np.linalg.eigvalsh(config.coupling_matrix))))
    return unstable_band(coupling, slope)


def _band_warnings(config: Config) -> list[str]:
    """Whether the lattice resolves the modes that the ALP makes unstable."""
    band = fastest_growth(config)
    fundamental, order = 2 * math.pi / config.lattice.box, config.lattice.order
    resolved = cutoff(config.dx, order)
    found = []
    if band > 0 and band / 2 > resolved:
        sites = 2 * math.ceil(band / 2 * config.lattice.box / cutoff(1.0, order) / 2)
        found.append(
            "lattice: the fastest growing mode reaches k tau_osc = g |theta'|/2 = "
            f"{plain(band / 2)}, but the lattice resolves k up to 3/4 of its largest, "
            f"{plain(resolved)}. Use {_finer(sites, band, order)}."
        )
    if band > 0 and band < 2 * fundamental:
        found.append(
            f"lattice.box: the unstable band ends at k tau_osc = g |theta'| = {plain(band)}, and "
            f"the box's fundamental mode is 2 pi/box = {plain(fundamental)}: fewer than two modes "
            f"grow. {_larger(band)}."
        )
    return found


def _finer(sites: int, band: float, order: int) -> str:
    """Of the lattice that resolves k = band/2 up to its cutoff."""
    largest = 2 * cutoff(1.0, order) * MOST_SITES / band
    if sites <= MOST_SITES:
        return f"at least {sites} sites, or a smaller box"
    if largest >= SIZE[0]:
        return f"a box of at most {plain(largest)}, with {MOST_SITES} sites, or a smaller coupling"
    return "a smaller coupling: no lattice resolves this band"


def _larger(band: float) -> str:
    box = 4 * math.pi / band
    if box <= SIZE[1]:
        return f"Use a box of at least {plain(box)}"
    return "No box is large enough for this coupling"
