"""Ranks as threads of one process, for tests without MPI: the interface `Ranks`, with messages that
can come late and in any order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any, NoReturn, TypeVar

import numpy as np

from darklat.kernels.ranks import Ranks, Slab, slabs
from darklat.kernels.ranks.base import Blocks

Found = TypeVar("Found")


class _Post:
    """What the threads share: a letter box for every pair of ranks, and a table for all."""

    def __init__(self, size: int) -> None:
        self.boxes = {(a, b): Queue[Any]() for a in range(size) for b in range(size)}
        self.table: list[Any] = [None] * size
        self.barrier = threading.Barrier(size, timeout=60)


class ThreadRanks:
    """One of `size` ranks. shuffled: messages are late, and arrive in random order."""

    def __init__(self, rank: int, size: int, post: _Post, *, shuffled: bool) -> None:
        self.rank, self.size, self._post = rank, size, post
        self.local, self.here = rank, size
        self._random = random.Random(rank) if shuffled else None
        self.sent = 0  # bytes

    def slab(self, n: int) -> Slab:
        return slabs(n, self.size)[self.rank]

    def gather(self, value: Any) -> list[Any]:
        self._post.table[self.rank] = value
        self._post.barrier.wait()
        found = list(self._post.table)
        self._post.barrier.wait()
        return found

    def broadcast(self, value: Any) -> Any:
        return self.gather(value)[0]

    def largest(self, values: Sequence[float]) -> list[float]:
        return np.max(self.gather(values), axis=0).tolist()

    def all_planes(self, own: np.ndarray) -> np.ndarray:
        return np.concatenate(self.gather(np.array(own)))

    def in_order(self, own: np.ndarray) -> Iterator[np.ndarray]:
        found = self.gather(own)
        yield from found if self.rank == 0 else []

    def exchange(
        self, *, to_below: Blocks, to_above: Blocks, from_below: Blocks, from_above: Blocks
    ) -> None:
        below, above = (self.rank - 1) % self.size, (self.rank + 1) % self.size
        self._send(
            [(below, ("down", i), block) for i, block in enumerate(to_below)]
            + [(above, ("up", i), block) for i, block in enumerate(to_above)]
        )
        wanted = {("up", i): block for i, block in enumerate(from_below)}
        wanted |= {("down", i): block for i, block in enumerate(from_above)}
        self._receive(below, len(from_below), wanted)
        self._receive(above, len(from_above), wanted)

    def transpose(self, parts: Blocks, out: Blocks) -> None:
        self._send([(rank, ("part", 0), part) for rank, part in enumerate(parts)])
        for rank, block in enumerate(out):
            self._receive(rank, 1, {("part", 0): block})

    def abort(self, code: int) -> NoReturn:
        raise SystemExit(code)

    def _send(self, letters: list[tuple[int, tuple[str, int], np.ndarray]]) -> None:
        if self._random:
            self._random.shuffle(letters)
            time.sleep(self._random.random() * 1e-3)
        for rank, what, block in letters:
            self.sent += block.nbytes
            self._post.boxes[self.rank, rank].put((what, block.copy()))

    def _receive(self, rank: int, number: int, wanted: dict[Any, np.ndarray]) -> None:
        """Letters between two ranks that are each other's neighbour on both sides share a box."""
        for _ in range(number):
            what, block = self._post.boxes[rank, self.rank].get(timeout=60)
            assert block.nbytes == wanted[what].nbytes
            wanted[what][...] = block


def on_ranks(
    size: int, program: Callable[[Ranks], Found], *, shuffled: bool = False
) -> list[Found]:
    """What each of so many ranks returns. Raises the error of the first that fails."""
    post, failed = _Post(size), list[BaseException]()
    ranks = [ThreadRanks(rank, size, post, shuffled=shuffled) for rank in range(size)]

    def run(own: ThreadRanks) -> Found:
        try:
            return program(own)
        except BaseException as error:
            failed.append(error)
            post.barrier.abort()
            raise

    with ThreadPoolExecutor(size) as pool:
        running = [pool.submit(run, own) for own in ranks]
    if failed:
        raise failed[0]
    return [each.result() for each in running]
