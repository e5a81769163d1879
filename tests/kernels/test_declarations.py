"""What declarations say: sums and their names, lengths, which are checked before a kernel runs, and
the text that tells C++ of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darklat.kernels import registry
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.declarations.massive import Medium
from darklat.kernels.declarations.waves import COMPONENTS
from darklat.kernels.layout import Variant
from darklat.lattice.passes import Pass, Passes

N = 8
VARIANT = Variant(3, massive=1, conducting=True)
VARIANTS = (
    VARIANT, Variant(2, massive=1, conducting=True, order=4), Variant(2), Variant(2, order=4),
    Variant(2, massive=1, waves=True),
)  # fmt: skip
"""Every kernel belongs to one of them. Other tests compile them too."""
SEGMENTS = 5


@pytest.fixture
def cpu() -> CpuBackend:
    return CpuBackend(n=N, variant=VARIANT)


def call(b: CpuBackend, name: str) -> dict[str, Any]:
    """Arguments that fit: contiguous arrays of as many elements as their declaration wants, written
    out here once more."""
    modes = N * N * (N // 2 + 1)
    lengths = {
        "g": b.layout.gauge_fields**2, "medium": len(Medium._fields), "khat": N, "cosine": N, "sine": N,
        "order": modes - 1, "first": SEGMENTS + 1, "f": modes, "vx": modes, "vy": modes,
        "vz": modes, "taps": 4, "inertia": 2, "flow": 5, "J": 4 * (modes - 1), "v": 4 * (modes - 1),
        "w": 4 * (modes - 1), "partial": N * N * SUMS.get(name, 0), "out": SEGMENTS * SUMS.get(name, 0),
    }  # fmt: skip
    lengths |= {f"f{name}": modes for name in COMPONENTS}
    scalars = {
        "segments": SEGMENTS, "items": SEGMENTS, "length": 6, "a": 1, "modes": modes - 1,
        "k_z_count": N // 2 + 1,
    }  # fmt: skip
    if name == "fold":
        lengths["partial"] = SEGMENTS * 6
    kernel = registry.KERNELS[name]
    values: dict[str, Any] = {a.name: scalars.get(a.name, 0) for a in kernel.scalars}
    values = {name: value for name, value in values.items() if name not in ("n", "stride")}
    values |= {f.name: b.field(f.kind) for f in kernel.fields}
    dtypes = {a.name: b.layout.dtype if a.dtype == "real" else a.dtype for a in kernel.arrays}
    return values | {name: np.zeros(lengths[name], dtype) for name, dtype in dtypes.items()}


SUMS = {
    "momenta": 3, "kick": 1, "drift": 1, "link_torque_drift": 1, "relax": 1, "charge_residual": 2,
    "massive_coordinate": 3, "potential_gradient": 1, "massive_averages": 7, "averages": 5 + 3 * 4,
    "fold": 1, "scalar_modes": 2, "vector_modes": 5, "open_stage": 1,
    "wave_source_modes": 2, "wave_step": 2,
}  # fmt: skip
ON_A_CPU = {k.name: k for k in registry.KERNELS.values() if not k.replaces}
ARRAYS = [(k.name, a.name) for k in ON_A_CPU.values() for a in k.arrays]


def test_every_kernel_has_as_many_sums_as_its_declaration_names() -> None:
    found = {k.name: k.sums.number(VARIANT) for k in ON_A_CPU.values()}
    assert {name: number for name, number in found.items() if number} == SUMS
    massless = Variant(2)
    assert registry.KERNELS["averages"].sums.number(massless) == 5 + 2 * 4
    assert registry.KERNELS["massive_averages"].sums.number(Variant(3, massive=2)) == 2 * 7


@pytest.mark.parametrize(("kernel", "array"), ARRAYS)
def test_an_array_of_another_length_is_refused(kernel: str, array: str) -> None:
    """Before the kernel writes anything; with the right length it runs."""
    needed = registry.KERNELS[kernel].source.needed
    cpu = CpuBackend(n=N, variant=next(v for v in VARIANTS if needed(v)))
    values = call(cpu, kernel)
    right = values[array].size
    for length in (right - 1, right + 1):
        wrong = values | {array: np.zeros(length, values[array].dtype)}
        written = [a.name for a in registry.KERNELS[kernel].fields if a.access != "in"]
        written += [a.name for a in registry.KERNELS[kernel].arrays if a.access != "in"]
        for name in written:
            wrong[name][...] = 7
        with pytest.raises(
            TypeError,
            match=rf"kernel {kernel}, {array}: a length of {right} is needed, not {length}$",
        ):
            cpu.launch(kernel, **wrong)
        for name in written:
            np.testing.assert_array_equal(wrong[name], 7)
    cpu.launch(kernel, **values)


def test_what_lengths_depend_on_cannot_be_set_again(cpu: CpuBackend) -> None:
    fold = cpu.bind("fold", **call(cpu, "fold"))
    with pytest.raises(TypeError, match=r"kernel fold: \['items'\] cannot be set again"):
        fold(items=SEGMENTS + 1)
    drift = cpu.bind("drift", **call(cpu, "drift"))
    assert drift(h=0.5) is drift
    with pytest.raises(TypeError, match=r"kernel drift: \['n', 'pi'\] cannot be set again"):
        drift(h=0.5, n=9, pi=0)


def test_a_kernel_that_the_variant_has_no_use_of_is_refused(cpu: CpuBackend) -> None:
    b = CpuBackend(n=N, variant=Variant(2))
    names = [set(registry.names(v, target="cpu")) for v in VARIANTS]
    own, higher, few, few_higher, _ = names
    assert set.union(*names) == set(ON_A_CPU)
    assert few - own == {"momenta", "coordinates"}
    assert few_higher - higher == {"open_stage", "close_stage"}
    assert {"electric", "source_magnetic"} < own - higher
    assert {"felt_means", "source_means"} < higher - own
    for name in own - few:
        with pytest.raises(TypeError, match=rf"kernel {name}: Variant\(gauge_fields=2.*has none"):
            b.launch(name, **call(cpu, name))


def test_means_have_their_names(cpu: CpuBackend) -> None:
    """Fields that are numbers, so that every mean is known without a kernel."""
    theta, pi = cpu.field("site"), cpu.field("site")
    X, D, E = (cpu.field("link") for _ in range(3))
    theta[...], pi[...] = 2.0, 3.0
    for i in range(3):
        E[i] = i + 1.0
    p = Pass("averages", mass_squared=4.0, inv_dx=1.0, theta=theta, pi=pi, X=X, D=D, E=E)
    passes = Passes(cpu, [p])
    assert p.sums == 5 + 3 * 4
    assert not any(p.means.values()) and len(p.means) == 5
    passes.run()
    assert p.means == {"theta": 2, "theta_sq": 4, "pi_sq": 9, "grad_sq": 0, "potential": 8}
    assert [field["E_sq"] for field in p.field_means] == [3.0, 12.0, 27.0]
    assert all(field["B_sq"] == field["gauss"] == 0 for field in p.field_means)


@pytest.mark.parametrize("single", [False, True])
def test_the_preamble_has_every_number_that_both_languages_share(single: bool) -> None:
    source = registry.source(Variant(2, massive=1, single=single), target="cpu")
    unit = float.fromhex(source.partition("#define FIELD_UNIT ")[2].partition("\n")[0])
    assert unit == Variant(1, single=single).field_unit == (2.0**-64 if single else 1.0)
    assert f"#define GHOSTS {8 if single else 4}\n" in source and "#define THREADS 128\n" in source
    places = ", ".join(f"{name} = {i}" for i, name in enumerate(Medium._fields))
    assert f"namespace medium_columns {{ enum {{ {places}, number = 8 }}; }}" in source
    assert "KERNEL(lorenz," in source and "KERNEL(relax," not in source
