"""Fused kernels in the places of the kernels whose work they do (kernels/declarations/fused.py).

A fused pass stands where the first pass that it replaces stood. Passes between those that it
replaces come behind it, which they may where they touch nothing that the moved ones write, nor
write what those touch. The arrays between the replaced kernels are then not written: whoever reads
them later must write them first. A fused kernel that reads theta around a site and changes it
leaves theta in a second array, where the passes behind find it, until another one brings it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from darklat.kernels import registry
from darklat.kernels.backends import Backend
from darklat.kernels.check import address
from darklat.kernels.declare import ArrayArgument, FieldArgument, Kernel
from darklat.kernels.layout import Layout, Variant
from darklat.lattice.passes import Pass
from darklat.lattice.traffic import blocks

NEXT = "_next"  # behind the name of a field that a fused kernel leaves in a second array


def fused(backend: Backend, *groups: Sequence[Pass]) -> list[list[Pass]]:
    """The passes of each group with fused ones among them, where the backend has any. The groups
    run one after the other, the last of them or not, and again and again."""
    if not backend.fused:
        return [list(passes) for passes in groups]
    found = _Fusion(backend, backend.fused, groups)
    if not found.ends_in_place:
        resting = [kernel for kernel in backend.fused if not moves(kernel)]
        found = _Fusion(backend, resting, groups)
    for p, arguments in found.changes:
        p.arguments = arguments
    return found.groups


def kept_per_site(variant: Variant, *, backend: str, two_registers: bool) -> int:
    """Numbers per site of the second arrays that fused kernels want."""
    if backend == "cpu" or two_registers:
        return 0
    kernels = (registry.KERNELS[name] for name in registry.names(variant))
    return len({field for kernel in kernels for field in moves(kernel)})


def moves(kernel: Kernel) -> list[str]:
    """The fields that a kernel leaves in a second array."""
    names = (f.name for f in kernel.fields)
    return [name.removesuffix(NEXT) for name in names if name.endswith(NEXT)]


@dataclass
class _Found:
    """A fused kernel, the passes that it replaces, and its arguments but second arrays."""

    kernel: Kernel
    replaced: list[Pass]
    arguments: dict[str, Any]


class _Fusion:
    """`groups` with fused passes. ends_in_place: whether every field ends each of them in its own
    array. changes: new arguments of passes that are left, where a field is in its second array."""

    def __init__(
        self, backend: Backend, kernels: Sequence[Kernel], groups: Sequence[Sequence[Pass]]
    ) -> None:
        self._backend, self._kernels, self._layout = backend, kernels, backend.layout
        self._every = list(chain.from_iterable(groups))
        self._second: dict[int, Any] = {}  # second arrays, by the address of the first
        self._moved: dict[int, Any] = {}  # those in which the field lies now, the same way
        self.ends_in_place = True
        self.changes: list[tuple[Pass, dict[str, Any]]] = []
        self.groups: list[list[Pass]] = []
        for passes in groups:
            self.groups.append(list(self._with_fused(list(passes))))
            self.ends_in_place = self.ends_in_place and not self._moved

    def _with_fused(self, passes: list[Pass]) -> Iterator[Pass]:
        while passes:
            found = self._first(passes)
            if found is None:
                p = passes.pop(0)
                now = {name: self._now(value) for name, value in p.arguments.items()}
                if any(now[name] is not value for name, value in p.arguments.items()):
                    self.changes.append((p, now))
                yield p
                continue
            yield self._fused(found)
            passes = [p for p in passes if p not in found.replaced]

    def _first(self, passes: list[Pass]) -> _Found | None:
        """The fused kernel that can begin at the first pass and replaces the most."""
        for kernel in sorted(self._kernels, key=lambda k: -len(k.replaces)):
            replaced = _together(kernel, passes, self._layout)
            arguments = _arguments(kernel, replaced) if replaced else None
            if replaced and arguments and self._dispensable(kernel, arguments, replaced):
                return _Found(kernel, replaced, arguments)
        return None

    def _fused(self, found: _Found) -> Pass:
        arguments = {name: self._now(value) for name, value in found.arguments.items()}
        for name in moves(found.kernel):
            own = found.arguments[name]
            here = address(own)
            if here in self._moved:
                del self._moved[here]
                arguments[name + NEXT] = own
            else:
                if here not in self._second:
                    self._second[here] = self._backend.field("site")
                arguments[name + NEXT] = self._moved[here] = self._second[here]
        return Pass(found.kernel.name, replaced=found.replaced, **arguments)

    def _now(self, value: Any) -> Any:
        return self._moved.get(address(value), value) if hasattr(value, "dtype") else value

    def _dispensable(self, kernel: Kernel, arguments: dict[str, Any], replaced: list[Pass]) -> bool:
        """Whether what the passes write alone, without changing it, is written before it is read
        again, but for what the kernel writes too."""
        kept = {block for f, block in self._blocks(replaced) if f.access == "inout"}
        own = {
            (address(arguments[f.name]), place)
            for f in kernel.fields
            if f.access == "out" and f.name in arguments  # there are no second arrays yet
            for place in f.blocks(self._layout, arguments.get("axis"))
        }
        written = {block for f, block in self._blocks(replaced) if f.access == "out"} - kept - own
        last = self._every.index(replaced[-1])
        others = [p for p in self._every[last + 1 :] + self._every[:last] if p not in replaced]
        for p in others:
            for f, block in blocks(p, self._layout):
                if block in written and f.access != "out":
                    return False
                written.discard(block)
        return True

    def _blocks(self, passes: list[Pass]) -> Iterator[tuple[Any, tuple[int, int]]]:
        return chain.from_iterable(blocks(p, self._layout) for p in passes)


def _together(kernel: Kernel, passes: list[Pass], layout: Layout) -> list[Pass] | None:
    """The passes that a kernel replaces, the first of which is the first of all; None where they do
    not stand there, or cannot come together."""
    axis = passes[0].axis
    if axis is not None and "xyz"[axis] not in kernel.axes:
        return None
    found: list[Pass] = []
    between: list[Pass] = []
    for p in passes:
        if p.kernel == kernel.replaces[len(found)] and p.axis == axis:
            if any(_in_the_way(p, other, layout) for other in between):
                return None
            found.append(p)
            if len(found) == len(kernel.replaces):
                return found
        elif not found:
            return None
        else:
            between.append(p)
    return None


def _arguments(kernel: Kernel, replaced: list[Pass]) -> dict[str, Any] | None:
    """Those of the kernel from those of the passes, by the names of `declare.fused`; None where
    the passes have different arrays under one name."""
    found: dict[str, Any] = {
        f"{p.kernel}_{a.name}": p.arguments[a.name]
        for p in replaced
        for a in registry.KERNELS[p.kernel].reals
    }
    if replaced[0].axis is not None:
        found["axis"] = replaced[0].axis
    arrays: list[FieldArgument | ArrayArgument] = [*kernel.fields, *kernel.arrays]
    for array in arrays:
        if array.name.endswith(NEXT) or array.name == "partial":
            continue
        name = array.name.partition("_")[0]
        given = [p.arguments[name] for p in replaced if name in p.arguments]
        same = {address(each): each for each in given}
        if len(same) != 1:
            return None
        (found[array.name],) = same.values()
    return found


def _in_the_way(moved: Pass, other: Pass, layout: Layout) -> bool:
    """Whether a pass may not come before one that stood before it."""
    touched = [{block: f.access for f, block in blocks(p, layout)} for p in (moved, other)]
    both = touched[0].keys() & touched[1].keys()
    return any(of[block] != "in" for of in touched for block in both)
