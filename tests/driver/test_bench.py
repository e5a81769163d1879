"""`darklat bench`: traffic counted by hand, and numbers that fit together; no test is about how
fast anything is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darklat import cli
from darklat.driver import bench
from darklat.errors import InputError
from darklat.kernels.backends import make
from darklat.kernels.layout import Variant
from darklat.lattice import traffic
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.sectors import values_per_site
from emulated_cuda import Machine

BENCHMARK = Variant(2, conducting=True, back_reacting=False, self_coupled=False)


def measured(*arguments: str, cwd: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "darklat", "bench", *arguments, "--backend", "cpu", "--json"],
        cwd=cwd, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


# -- what is counted


# Components of arrays that come in and that go out, per right-hand side or per step:
# - strang: theta, pi, X, D both ways; E is scratch, which only goes out.
# - rk46nl: theta, pi, X, D and their registers both ways; E only out.
# - with the benchmark's photon: of A, X comes in twice a step (its motion, its kick) and goes out
#   once, E comes in twice (motion, conduction) and goes out once, D goes both ways per right-hand
#   side, Q both ways once a step; the rest as without it.
@pytest.mark.parametrize(
    ("variant", "scheme", "components"),
    [
        (Variant(1), "strang", 2 * (8 + 8 + 3)),
        (Variant(1), "rk46nl", 6 * (16 + 16 + 3)),
        (BENCHMARK, "strang", 2 * (8 + 8 + 3) + 3 * (2 + 1) + 3 * (2 + 1) + 2 * (3 + 3) + 3 + 3),
    ],
)
def test_least_traffic_is_every_array_once_per_right_hand_side(
    variant: Variant, scheme: str, components: int
) -> None:
    backend = make("cpu", n=8, variant=variant)
    chosen = INTEGRATORS[scheme]
    passes = chosen.on(bench.random_lattice(backend)).passes
    least = traffic.least_bytes_per_site(passes, backend.layout, visits=chosen.rhs_per_step)
    assert least == 8 * components
    often = traffic.least_bytes_per_site(passes, backend.layout, visits=10**6)
    assert least < often <= traffic.bytes_per_site(passes, backend.layout)


@pytest.mark.parametrize(
    ("variant", "scheme"),
    [
        (Variant(1), "strang"), (Variant(1), "rk46nl"), (BENCHMARK, "strang"),
        (Variant(1, massive=1), "strang"),
    ],
)  # fmt: skip
def test_the_arrays_of_the_passes_are_the_memory_that_a_plan_counts(
    variant: Variant, scheme: str
) -> None:
    backend = make("cpu", n=8, variant=variant)
    chosen = INTEGRATORS[scheme]
    passes = chosen.on(bench.random_lattice(backend)).passes
    values = values_per_site(variant, two_registers=chosen.two_registers)
    assert traffic.array_bytes_per_site(passes, backend.layout) == 8 * values


# -- what is measured


def test_the_numbers_fit_together(tmp_path: Path) -> None:
    speed = measured("--sites", "64", cwd=tmp_path)
    kernels = speed["kernels"]
    assert [(k["kernel"], k["axis"], k["per_step"]) for k in kernels[:4]] == [
        ("plaquettes", None, 2), ("kick", None, 2), ("drift", None, 2), ("felt_magnetic", "x", 2),
    ]  # fmt: skip
    assert len({(k["kernel"], k["axis"]) for k in kernels}) == len(kernels)
    per_step = speed["bytes_per_site_per_step"]
    assert sum(k["per_step"] * k["bytes_per_site"] for k in kernels) == per_step
    bandwidth = speed["copy_bandwidth_bytes_per_second"]
    for k in kernels:
        rate = k["bytes_per_site"] / k["seconds_per_site"]
        assert k["fraction_of_copy_bandwidth"] == pytest.approx(rate / bandwidth) and rate > 0
    rate = per_step * speed["site_steps_per_second"]
    assert speed["fraction_of_copy_bandwidth"] == pytest.approx(rate / bandwidth)
    assert speed["rhs_per_second"] == pytest.approx(2 * speed["site_steps_per_second"])
    assert speed["array_bytes_per_site"] == 8 * (2 + 6 + 3)
    # ghosts and padding, partial sums, OpenMP and huge pages: a few MB beyond 23 MB of arrays
    assert 1 < speed["memory_bytes_per_site"] / speed["array_bytes_per_site"] < 2


def test_a_higher_order_is_timed_and_needs_the_sites_that_its_kernels_reach(tmp_path: Path) -> None:
    speed = measured("--sites", "8", "--order", "4", cwd=tmp_path)
    assert speed["order"] == 4
    # as at order 2, with two components more stored and read in each of six flows, twice
    assert speed["bytes_per_site_per_step"] == 1312 + 8 * 6 * 2 * 4
    with pytest.raises(InputError, match="--sites 6 is too few: at least 8"):
        bench.bench("cpu", sites=6, variant=Variant(1, order=6), scheme="strang")


def test_bytes_are_what_the_kernels_declare(tmp_path: Path) -> None:
    speed = measured("--sites", "16", "--scheme", "rk46nl", cwd=tmp_path)
    # electric reads theta, X, D and writes E: 10. momenta reads theta, X, E and updates pi, D and three registers: 25.
    # coordinates reads E, k_theta and updates k_X, theta, X: 18. Eight bytes each, six stages.
    assert speed["bytes_per_site_per_step"] == 6 * 8 * (10 + 25 + 18)
    assert speed["rhs_per_second"] == pytest.approx(6 * speed["site_steps_per_second"])


def test_a_massive_field_is_measured_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--sites", "8", "--massive", "1", "--backend", "cpu"]) == 0
    told = capsys.readouterr().out
    assert "ALP + 1 U(1), 1 massive, strang, float64" in told
    for row in ("massive_coordinate        z         2", "lorenz", "potential_gradient", "a step"):
        assert row in told


def test_warming_up_is_not_timed() -> None:
    class Device:
        """Its first action takes a second, the others a millisecond."""

        now, begun = 0.0, False

        def act(self) -> None:
            self.now += 1e-3 if self.begun else 1.0
            self.begun = True

        def seconds(self, action: Callable[[], Any]) -> float:
            before = self.now
            action()
            return self.now - before

    device = Device()
    assert bench._median(device, device.act, 3) == pytest.approx(1e-3)  # type: ignore[arg-type]


TIME_AND_MEMORY = """
import sys
from darklat.kernels.backends import make
from darklat.kernels.layout import Variant
device = make("cpu", n=128, variant=Variant(1))
before = device.memory_used()
field = device.field("link")  # 50 MB
seconds = device.seconds(lambda: field.fill(1.0))
print(seconds, device.memory_used() - before, field.nbytes)
"""


def test_the_cpu_tells_time_and_memory() -> None:
    """In a process of its own, which has no memory that it has used before and could use again."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", TIME_AND_MEMORY], capture_output=True, text=True, check=True
    )
    seconds, grown, size = map(float, done.stdout.split())
    assert seconds > 0
    assert size <= grown < 1.2 * size  # with ghosts, padding and the first fill's own pages


def test_a_gpu_tells_time_and_memory(gpu_choice: str) -> None:
    device = make(gpu_choice, n=32, variant=Variant(1))
    before = device.memory_used()
    field = device.field("link")
    assert device.seconds(lambda: field.fill(1.0)) > 0
    assert field.nbytes <= device.memory_used() - before < 1.01 * field.nbytes  # with padding


@pytest.mark.parametrize(("milliseconds", "waits"), [(0.1, True), (1e4, False)])
def test_a_kernel_that_waits_for_the_host_is_marked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, milliseconds: float, waits: bool
) -> None:
    """Between two events passes far less, or far more, time than the host needs to launch."""
    cuda = sys.modules["cupy"].cuda
    monkeypatch.setattr(cuda, "get_elapsed_time", lambda *events: milliseconds)
    monkeypatch.setattr(bench, "REPEATS", 1)
    speed = bench.bench("cuda", sites=4, variant=Variant(1), scheme="strang")
    assert {each.launch_bound for each in speed.kernels} == {waits}
    assert ("* the device waits" in bench.table(speed)) == waits


def test_kernels_of_a_gpu_are_launched_many_at_a_time(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make("cuda", n=8, variant=Variant(1))
    stepper = INTEGRATORS["strang"].on(bench.random_lattice(backend))
    lengths: list[int] = []
    run = backend.run
    monkeypatch.setattr(backend, "run", lambda many: (lengths.append(len(many)), run(many))[1])
    bench.on_device(backend, stepper.passes[0], 30)
    assert lengths == [30, 30, 30, 30]  # two that make the graph, and two that are timed


# -- what is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--sites 3", "--sites 3 is too few: at least 4"),
        ("--sites 100000", "--sites 100000: 100000^3 sites need 78.2 PiB of memory"),
        ("--fields 0", "--fields must be at least 1"),
        (
            "--scheme euler",
            "--scheme euler is unknown; there are strang, blanes_moan, rk46nl, rk4, rk3",
        ),
        ("--massive 2", "--massive 2: of --fields 1, 1 can have a mass; add fields"),
        ("--fields 2 --conducting --massive 2", "because a conducting field cannot; add fields"),
        ("--no-back-reaction", "add --conducting"),
        (
            "--fields 2 --conducting --scheme rk4",
            "--conducting needs --scheme strang or blanes_moan, not rk4",
        ),
        ("--massive 1 --scheme rk4", "--massive needs --scheme strang or blanes_moan, not rk4"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", "--backend", "cpu", *arguments.split()]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("sites", ["x", "-8", "1.5"])
def test_a_number_that_is_none_is_refused(sites: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["bench", "--sites", sites])
    assert stopped.value.code == 2
    assert "--sites" in capsys.readouterr().err
