"""A CUDA device that is not there: the kernels' CUDA source compiled for the host, and a strict
stand-in for the part of cupy that darklat uses.

`Machine().cupy` is the stand-in. A test puts it in the place of the module cupy (`installed`), and
darklat finds two devices. The package has no other hook: what it does is what a caller of cupy can
see, and what a device would do to the memory of a program that is wrong.

Every launch is guarded: a kernel may touch the numbers of its array arguments and nothing else, so
neither the padding between components, nor what lies behind an array, nor what has no value. A
launch of a `traced` machine also compares the accesses of all threads with each other, and counts
the bytes; a `shuffled` one runs blocks and threads in a random order.
"""

from __future__ import annotations

from emulated_cuda.machine import Machine, installed
from emulated_cuda.state import FaultError, Traffic

__all__ = ["FaultError", "Machine", "Traffic", "installed"]
