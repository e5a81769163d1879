"""A ladder: one configuration on several lattices, in several boxes, with several steps and seeds.

The runs are a star: one of the three differs from the configuration, the others are as in it, and
every seed is on every rung.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pydantic
from pydantic_core import PydanticCustomError

from darklat.schema.document import ConvergeKeys
from darklat.schema.members import MOST_RUNS, Axis, Member, folder_name, member, short_names
from darklat.schema.read import CONVERGE, Origin, folder_of, to_config, validate
from darklat.schema.run import Config, InitialKeys, LatticeKeys, TimeKeys
from darklat.schema.section import FileKeys, Section
from darklat.schema.yaml.document import Entry, Place, plain, problem_at
from darklat.schema.yaml.problems import Problem
from darklat.schema.yaml.values import Integer, Value

SITES, BOX, COURANT, SEED = "lattice.sites", "lattice.box", "time.courant", "initial.seed"
KEYS = (SITES, BOX, COURANT, SEED)

RATIO = 1.5
"""Between two rungs where the file gives their number alone."""

LEAST_RATIO = 1.1
"""Between two rungs of an extrapolation. Closer ones differ by noise."""

_MULTIPLE = 4  # of sites, where the file gives the number of lattices alone
_WHOLE = 1e-6  # of a site


@dataclass(frozen=True)
class Ladder:
    """The values of KEYS in the configuration itself, and the times at which the runs are compared
    (a, or tau in a static background)."""

    configuration: dict[str, Any]
    at: tuple[float, ...]


class _Block(FileKeys):
    converge: ConvergeKeys = pydantic.Field(default_factory=ConvergeKeys)


@dataclass(frozen=True)
class _Rung:
    """The values of KEYS on one rung but for the seed, and the place that asks for it."""

    sites: int
    box: float
    courant: float
    place: Place

    @property
    def cost(self) -> float:
        """Site-steps, up to a factor."""
        return self.sites**4 / (self.box * self.courant)


def expand(
    origin: Origin, block: Entry, problems: list[Problem]
) -> tuple[Ladder, tuple[Member, ...]] | None:
    """The ladder and its runs, the cheapest first; None with all faults added to `problems`."""
    at_root = Entry(origin.root.key, origin.root.value, {CONVERGE: block})
    keys = validate(at_root, _Block, problems)
    config = to_config(origin.root, folder_of(origin.path), problems)
    if keys is None or config is None or problems:
        return None
    asked = _Asked(block, keys.converge, config, problems)
    rungs, seeds, at = asked.rungs(), asked.seeds(), asked.times()
    if problems:
        return None
    if len(rungs) * len(seeds) == 1:
        message = "a ladder has two runs at least: ask for more lattices, boxes, steps or seeds"
        problems.append(problem_at(block.key, (CONVERGE,), message))
    elif len(rungs) * len(seeds) > MOST_RUNS:
        message = f"{len(rungs) * len(seeds)} runs, and {MOST_RUNS} are allowed: ask for fewer"
        problems.append(problem_at(block.key, (CONVERGE,), message))
    if problems:
        return None
    runs = _members(origin, rungs, seeds, problems)
    if problems:
        return None
    own = {SITES: config.lattice.sites, BOX: config.lattice.box, COURANT: config.time.courant}
    return Ladder({**own, SEED: config.initial.seed}, at), runs


def _members(
    origin: Origin, rungs: list[_Rung], seeds: list[Entry], problems: list[Problem]
) -> tuple[Member, ...]:
    found = []
    for rung in sorted(rungs, key=lambda rung: rung.cost):
        for seed in seeds:
            entries = [
                *(Entry(rung.place, rung.place, x) for x in (rung.sites, rung.box, rung.courant)),
                seed,
            ]
            axes = [
                Axis(tuple(key.split(".")), entry.key, [entry])
                for key, entry in zip(KEYS, entries, strict=True)
            ]
            name = folder_name(short_names(axes), [plain(entry) for entry in entries])
            run = member(name, origin, axes, entries, folder_of(origin.path), problems)
            found += [run] if run else []
    problems[:] = dict.fromkeys(problems)
    return tuple(found)


@dataclass(frozen=True)
class _Asked:
    """The values that the block asks for; faults are added to `problems`."""

    block: Entry
    keys: ConvergeKeys
    config: Config
    problems: list[Problem]

    def rungs(self) -> list[_Rung]:
        """The configuration itself, and one rung for every other lattice, box and step."""
        sites, box, courant = (
            self.config.lattice.sites,
            self.config.lattice.box,
            self.config.time.courant,
        )
        found = [_Rung(sites, box, courant, self.block.key)]
        found += [_Rung(n, box, courant, place) for n, place in self._lattices()]
        found += [_Rung(n, size, courant, place) for n, size, place in self._boxes()]
        found += [_Rung(sites, box, c, place) for c, place in self._steps()]
        return found

    def seeds(self) -> list[Entry]:
        """The seed of the configuration, and the others."""
        own, asked = self.config.initial.seed, self._asked("seeds")
        entry = self._entry("seeds")
        if isinstance(asked, int):
            if asked > 1 and self.config.initial.kind == "file":
                self._refuse(entry.value, "seeds", "the fields come from a file: no seed is drawn")
            return [Entry(entry.key, entry.value, own + i) for i in range(asked)]
        found = {own: Entry(entry.key, entry.value, own)}
        listed: list[int] = []
        for element, value in self._listed("seeds", _allowed(InitialKeys, "seed")):
            if value in listed:
                self._refuse(element.value, "seeds", f"{value} is there already: remove one")
            listed.append(value)
            found.setdefault(value, element)
        return list(found.values())

    def times(self) -> tuple[float, ...]:
        """In the order of the list; without one the end of the run."""
        config = self.config
        end = config.time.a_end or config.time.tau_end
        if config.expands and config.time.tau_end is not None:
            end = float(config.expansion.scale_factor(config.time.tau_end))
        start, clock = config.initial.a_start or 0.0, config.clock
        assert end is not None  # the schema's business
        for i, time in enumerate(self.keys.at):
            if not start < time <= end:
                place = self._entry("at").content[i].value
                span = f"{clock} = {start:g} to {end:g}"
                self._refuse(place, "at", f"the runs go from {span}, found {time:g}")
            elif time in self.keys.at[:i]:
                place = self._entry("at").content[i].value
                self._refuse(place, "at", f"{time:g} is there already: remove one")
        return self.keys.at or (end,)

    def _lattices(self) -> Iterator[tuple[int, Place]]:
        own = self.config.lattice.sites
        asked = self._asked("lattices")
        if isinstance(asked, int):
            place = self._entry("lattices").value
            yield from ((n, place) for n in self._coarser("lattices", asked))
            return
        found = list(self._listed("lattices", _allowed(LatticeKeys, "sites")))
        self._refuse_close("lattices", own, found)
        yield from ((n, element.value) for element, n in found if n != own)

    def _boxes(self) -> Iterator[tuple[int, float, Place]]:
        config, asked = self.config, self._asked("boxes")
        if isinstance(asked, int):
            place = self._entry("boxes").value
            for n in self._coarser("boxes", asked):
                yield n, float(f"{config.dx * n:.12g}"), place
            return
        least, most = _range(_allowed(LatticeKeys, "sites"))
        found = list(self._listed("boxes", _allowed(LatticeKeys, "box")))
        self._refuse_close("boxes", config.lattice.box, found)
        for element, box in found:
            n = 2 * round(box / config.dx / 2)
            if abs(n - box / config.dx) > _WHOLE or not least <= n <= most:
                near = sorted({min(max(m, least), most) for m in (n - 2, n, n + 2)})
                boxes = ", ".join(f"{config.dx * m:g} ({m} sites)" for m in near)
                message = (
                    f"{box:g} has {box / config.dx:.6g} sites at the spacing of the configuration; "
                    f"allowed is an even number from {least} to {most}, for example {boxes}"
                )
                self._refuse(element.value, "boxes", message)
            elif n != config.lattice.sites:
                yield n, box, element.value

    def _steps(self) -> Iterator[tuple[float, Place]]:
        own = self.config.time.courant
        asked = self._asked("steps")
        if isinstance(asked, int):
            place = self._entry("steps").value
            yield from ((float(f"{own * RATIO**i:.6g}"), place) for i in range(1, asked))
            return
        found = list(self._listed("steps", _allowed(TimeKeys, "courant")))
        self._refuse_close("steps", own, found)
        yield from ((c, element.value) for element, c in found if c != own)

    def _asked(self, key: str) -> int | tuple[Any, ...]:
        """The number of rungs or their list. Without the key the default; one where the runs start
        from a file, which fits one lattice."""
        given: int | tuple[Any, ...] = {
            "lattices": self.keys.lattices,
            "boxes": self.keys.boxes,
            "steps": self.keys.steps,
            "seeds": self.keys.seeds,
        }[key]
        from_file = self.config.initial.kind == "file" and key != "steps"
        return 1 if from_file and not self._is_given(key) else given

    def _coarser(self, key: str, count: int) -> list[int]:
        """Sites of coarser lattices, or of smaller boxes, RATIO apart; none where that are too
        few."""
        own = self.config.lattice.sites
        least = _range(_allowed(LatticeKeys, "sites"))[0]
        found = [_MULTIPLE * round(own / RATIO**i / _MULTIPLE) for i in range(1, count)]
        if found and (found[-1] < least or len({own, *found}) < count):
            message = (
                f"{own} sites are too few for {count} {key} a factor of {RATIO:g} apart, of which "
                f"each needs {least} sites: ask for fewer, or list them"
            )
            self._refuse(self._entry(key).value, key, message)
            return []
        return found

    def _listed(self, key: str, allowed: Value) -> Iterator[tuple[Entry, Any]]:
        """The elements of a list that are allowed."""
        for element in self._entry(key).content:
            try:
                yield element, allowed.accept(plain(element))
            except PydanticCustomError as error:
                self._refuse(element.value, key, error.message())

    def _refuse_close(self, key: str, own: float, found: Sequence[tuple[Entry, Any]]) -> None:
        """Rungs that are equal, or so close that they differ by noise."""
        others = [(value, element.value) for element, value in found if value != own]
        everything = sorted([*others, (own, self.block.key)], key=lambda pair: pair[0])
        for (low, before), (high, place) in pairwise(everything):
            if high >= LEAST_RATIO * low:
                continue
            at = place if high != own else before
            if low == high:
                self._refuse(at, key, f"{high:g} is there already: remove one")
            else:
                message = (
                    f"{low:g} and {high:g} are too close: rungs are a factor of {LEAST_RATIO:g} "
                    f"apart at least (the value of the configuration, {own:g}, is one of them)"
                )
                self._refuse(at, key, message)

    def _is_given(self, key: str) -> bool:
        return isinstance(self.block.content, dict) and key in self.block.content

    def _entry(self, key: str) -> Entry:
        """The entry of a key, or the whole block where it has a default."""
        found: Entry = self.block.content[key] if self._is_given(key) else self.block
        return found

    def _refuse(self, place: Place, key: str, message: str) -> None:
        self.problems.append(problem_at(place, (CONVERGE, key), message))


def _allowed(section: type[Section], key: str) -> Value:
    """The values of a key of a run."""
    return next(m for m in section.model_fields[key].metadata if isinstance(m, Value))


def _range(allowed: Value) -> tuple[int, int]:
    assert isinstance(allowed, Integer) and allowed.most is not None
    return allowed.least, allowed.most
