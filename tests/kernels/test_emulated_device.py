"""The emulated device itself: it refuses what cupy refuses, and finds every kind of fault that is
planted in a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darklat.kernels import registry
from darklat.kernels.backends import make
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.layout import Variant
from device_fields import fold, room_for_sums
from emulated_cuda import FaultError, Machine

THREADS = 8

# -- faults of kernels


RIGHT = "__shared__ double t[8]; t[threadIdx.x] = i; __syncthreads(); x[i] = t[7 - threadIdx.x];"
COPY, COUNT = "x[i] = y[i];", "y[i] = x[0]++;"
PLANTED = {
    "a read behind an array": ("x[i] = y[i + n];", "reads 8 bytes outside of its arguments"),
    "a read before an array": ("x[i] = y[i - 1];", "reads 8 bytes outside of its arguments"),
    "a write behind an array": ("x[i + n] = 1;", "writes 8 bytes outside of its arguments"),
    "a write to nowhere": ("double* p = nullptr; p[i] = 1;", "outside of its arguments, in shared memory or nowhere"),
    "a write to what is const": ("((double*)constant)[i] = 1;", "argument that is const"),
    "an access across two numbers": ("*(double*)((char*)x + 4 + 8 * i) = 1;", "misaligned"),
    "two blocks that write one number": ("x[threadIdx.x] = 1;", "writes 8 bytes races with block 0"),
    "two threads that write one number": ("x[i / 2] = 1;", "races with block 0, thread 0"),
    "a neighbour that is read and written": ("x[i] = x[i + 1];", "races with"),
    "a neighbour that was read and is written": ("x[i + 1] = x[i];", "races with"),
    "a missing barrier": (
        "__shared__ double t[8]; t[threadIdx.x] = i; x[i] = t[7 - threadIdx.x];", "races with"
    ),
    "a barrier for some": ("if (threadIdx.x < 5) __syncthreads();", "do not wait at the same"),
    "another barrier for some": (
        "if (threadIdx.x < 5) __syncthreads(); else { x[i] = 1; __syncthreads(); }",
        "do not wait at the same",
    ),
    "a return before a barrier": (
        "if (threadIdx.x == 3) return; __syncthreads(); x[i] = 1;", "do not wait at the same"
    ),
    "shared memory without a value": (
        "__shared__ double t[8]; if (i == 1) t[1] = 2; __syncthreads(); x[i] = t[threadIdx.x];",
        "reads 8 bytes of no value",
    ),
    "shared memory of the block before": (
        "__shared__ double t[8]; if (blockIdx.x == 0) t[threadIdx.x] = 2; x[i] = t[threadIdx.x];",
        "block 1, thread 0 reads 8 bytes of no value",
    ),
}  # fmt: skip
BODIES = [RIGHT, COPY, COUNT, *(body for body, _ in PLANTED.values())]
SOURCE = "".join(
    f'extern "C" __global__ void f{number}'
    "(int n, const double* constant, double* x, double* y) {\n"
    f"    const int i = blockIdx.x * blockDim.x + threadIdx.x;\n    {body}\n}}\n"
    for number, body in enumerate(BODIES)
)  # of kernels for i, the number of the thread, on arrays of n numbers


def run(machine: Machine, body: str, **arrays: Any) -> Any:
    """x of a kernel of two blocks on arrays of 64 zeros, in a traced launch."""
    cupy = machine.cupy
    machine.traced = True
    chosen = {name: cupy.zeros(64) for name in ("constant", "x", "y")} | arrays
    kernel = cupy.RawModule(code=SOURCE).get_function(f"f{BODIES.index(body)}")
    kernel((2,), (THREADS,), (np.int32(64), chosen["constant"], chosen["x"], chosen["y"]))
    return chosen["x"]


def test_a_kernel_without_a_fault_runs(machine: Machine) -> None:
    x = run(machine, RIGHT)
    np.testing.assert_array_equal(x.get()[:16], [*range(7, -1, -1), *range(15, 7, -1)])
    assert (len(machine.traffic), machine.launches) == (1, 1)


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(machine: Machine, fault: str) -> None:
    body, message = PLANTED[fault]
    with pytest.raises(FaultError, match=message):
        run(machine, body)
    assert run(machine, RIGHT).get()[8] == 15  # and the next launch is right again


def test_memory_without_a_value_is_found(machine: Machine) -> None:
    empty = machine.cupy.empty(64)
    with pytest.raises(FaultError, match="reads 8 bytes of no value"):
        run(machine, COPY, y=empty)
    with pytest.raises(FaultError, match="nothing has written"):
        empty.get()
    empty.fill(1)
    assert run(machine, COPY, y=empty)[:16].mean().item() == 1


def test_threads_and_blocks_come_in_a_random_order(machine: Machine) -> None:
    """A kernel whose result depends on the order, which no traced launch would let pass."""
    orders = []
    for seed in (None, 1, 2):
        machine.shuffled = seed
        y = machine.cupy.zeros(64)
        with pytest.raises(FaultError, match="races with"):
            run(machine, COUNT, y=y)
        orders.append(y.get()[:16].tolist())
    assert [sorted(order) for order in orders] == 3 * [orders[0]]
    assert len({tuple(order) for order in orders}) == 3


# -- the same in the kernels of the package


def planted(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> GpuBackend:
    """A backend whose source has `new` for `old`."""
    right = registry.source(Variant(1))
    assert right.count(old) == 1
    monkeypatch.setattr(registry, "source", lambda *_, **__: right.replace(old, new))
    return make("cuda", n=10, variant=Variant(1))


def copy(b: GpuBackend) -> None:
    b.launch("copy", X=b.field("link"), E=b.field("link"))


def test_a_kernel_that_reads_the_padding_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = planted(monkeypatch, "= X[i * stride + c];", "= X[i * stride + c + 1];")
    with pytest.raises(
        FaultError, match=r"kernel copy(.|\n)*reads 8 bytes outside .* element 1000 of"
    ):
        copy(b)


def test_a_kernel_that_writes_over_its_end_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = planted(monkeypatch, "E[i * stride + c] =", "E[i * stride + c + (c == 999)] =")
    with pytest.raises(FaultError, match=r"kernel copy(.|\n)*writes 8 bytes outside"):
        copy(b)


BARRIER = "            __syncthreads();                                                       \\\n"


def test_a_tree_without_its_barrier_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = planted(monkeypatch, BARRIER, "\\\n")
    machine.traced = True
    with pytest.raises(FaultError, match=r"kernel drift(.|\n)*races with block 0"):
        b.launch(
            "drift", h=1.0, a=1.0, pi=b.field("site"), theta=b.field("site"),
            partial=room_for_sums(b, "drift"),
        )  # fmt: skip


def test_a_tree_whose_barrier_is_for_some_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = planted(monkeypatch, BARRIER, BARRIER.replace("__sync", "if (threadIdx.x < h_) __sync", 1))
    with pytest.raises(FaultError, match=r"kernel fold(.|\n)*do not wait at the same barrier"):
        fold(b, b.partial(1))


# -- what cupy refuses


@pytest.fixture
def parts(machine: Machine) -> tuple[Any, Any]:
    """cupy and two numbers on the device."""
    return machine.cupy, machine.cupy.zeros(2)


def test_an_array_does_not_become_a_numpy_array_unasked(parts: tuple[Any, Any]) -> None:
    cupy, array = parts
    for convert in (np.asarray, np.sum, lambda x: np.zeros(2) + x, lambda x: x * np.ones(2)):
        with pytest.raises(
            TypeError, match=r"Implicit conversion|does not support|Unsupported type"
        ):
            convert(array)
    np.testing.assert_array_equal((2 * array + 1 - np.float64(3)).get(), [-2, -2])
    assert isinstance(cupy.asnumpy(array), np.ndarray)


def test_values_from_the_host_are_refused(parts: tuple[Any, Any]) -> None:
    _, array = parts
    for values in (np.ones(2), [1.0, 2.0]):
        with pytest.raises(TypeError, match="Unsupported type"):
            array[...] = values
    with pytest.raises(IndexError):
        array[np.array([True, False])]


def test_arrays_of_two_devices_do_not_mix(parts: tuple[Any, Any]) -> None:
    cupy, here = parts
    with cupy.cuda.Device(1):
        there = cupy.zeros(2)
        assert (there.device.id, here.device.id) == (1, 0)
        for mix in (lambda: there + here, here.get, lambda: here.fill(1)):
            with pytest.raises(ValueError, match="array device = 0 while current = 1"):
                mix()
    with pytest.raises(ValueError, match="array device = 1 while current = 0"):
        here[...] = there


WRONG = {
    "an int64 for an int": ("items", lambda cupy, b: np.int64(1), "int32 is needed, not int64"),
    "an int of Python": ("items", lambda cupy, b: 1, "int32 is needed, not <class 'int'>"),
    "a float for an int": ("items", lambda cupy, b: np.float64(1), "int32 is needed"),
    "an array for an int": ("items", lambda cupy, b: cupy.zeros(1), "a number of int32 is needed"),
    "an array on the host": ("partial", lambda cupy, b: np.zeros(4), "an array on the device"),
    "a number for an array": ("partial", lambda cupy, b: np.float64(1), "an array on the device"),
    "floats for doubles": ("partial", lambda cupy, b: cupy.zeros(4, np.float32), "of float64"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_argument_of_another_kind_is_refused(machine: Machine, what: str) -> None:
    b = make("cuda", n=8, variant=Variant(1))
    launch = b.bind("fold", items=1, length=4, partial=b.xp.zeros(4), out=b.xp.zeros(1))
    b.run([launch])
    name, make_wrong, message = WRONG[what]
    launch.values[name] = make_wrong(b.xp, b)
    with pytest.raises(TypeError, match=message):
        b.run([launch])


def test_an_argument_on_the_other_device_is_refused(machine: Machine) -> None:
    b = make("cuda", n=8, variant=Variant(1))
    with b.xp.cuda.Device(1):
        partial = b.xp.zeros(4)
    with pytest.raises(TypeError, match="is on another device than the kernel, 0"):
        b.launch("fold", items=1, length=4, partial=partial, out=b.xp.zeros(1))


def test_an_argument_that_is_missing_is_refused(machine: Machine) -> None:
    b = make("cuda", n=8, variant=Variant(1))
    launch = b.bind("fold", items=1, length=4, partial=b.xp.zeros(4), out=b.xp.zeros(1))
    del launch.values["out"]
    with pytest.raises(TypeError, match="fold has 4 arguments, not 3"):
        b.run([launch])


# -- memory


def test_the_pool_keeps_what_arrays_give_back(machine: Machine) -> None:
    cupy, card = machine.cupy, machine.cards[0]
    pool, device = cupy.get_default_memory_pool(), cupy.cuda.Device(0)
    card.total = 8192
    first = cupy.zeros(512)
    assert (pool.used_bytes(), pool.free_bytes(), device.mem_info) == (4096, 0, (4096, 8192))
    del first
    assert (pool.used_bytes(), pool.free_bytes(), device.mem_info) == (0, 4096, (4096, 8192))
    whole = cupy.zeros(1024)  # the pool gives its own back first
    assert pool.free_bytes() == 0
    with pytest.raises(MemoryError, match="Out of memory allocating 512 bytes"):
        cupy.zeros(1)
    del whole
    pool.free_all_blocks()
    assert device.mem_info == (8192, 8192)
