"""What a configuration refuses because of two keys, and the words of every refusal."""

from __future__ import annotations

import math
from typing import Any

import pytest

from config_text import BASE, LETTER, NO_END, NO_START, STATIC, edited, problems, read
from darklat.physics.background import HOT
from darklat.schema import ConductivityKeys, Config
from darklat.schema.yaml.problems import one_of


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([NO_END], ["c.yaml:17:1: time: one of a_end and tau_end is needed, for example a_end: 8"]),
        (
            [NO_END, STATIC, NO_START],
            ["c.yaml:17:1: time: tau_end is needed, for example tau_end: 8"],
        ),
        (
            ["output.gravitational_waves.k_max=1000"],
            [
                "--set output.gravitational_waves.k_max=1000:1:34: "
                "output.gravitational_waves.k_max: the lattice has waves from 2 pi/box = 6.28 to "
                "pi/dx = 50.3 along an axis, found 1000; without k_max every wave is followed"
            ],
        ),
        (
            ["output.gravitational_waves={sampling: 0.1}"],
            [
                "--set output.gravitational_waves={sampling: 0.1}:1:39: "
                "output.gravitational_waves.sampling: a step may be 0.2 dx long, by time.courant, "
                "and there is one sample in a step at most: use at least that, or a smaller "
                "courant; found 0.1"
            ],
        ),
        (
            ["time.tau_end=9"],
            [
                "--set time.tau_end=9:1:14: time.tau_end: exactly one of a_end and tau_end is "
                "allowed: remove one (on the command line, --set time.tau_end=null or --set "
                "time.a_end=null)"
            ],
        ),
        (
            ["time.a_end=0.5", "output=null"],
            [
                "--set time.a_end=0.5:1:12: time.a_end: must be greater than initial.a_start, "
                "which is 0.5, found 0.5 (in the radiation era a/a_osc = tau/tau_osc)"
            ],
        ),
        (
            [NO_START, NO_END, "time.tau_end=0.4", "output=null"],
            [
                "--set time.tau_end=0.4:1:14: time.tau_end: must be greater than initial.a_start, "
                "which is 0.5, found 0.4 (in the radiation era a/a_osc = tau/tau_osc)"
            ],
        ),
        (
            ["initial.a_start=9"],
            [
                "--set initial.a_start=9:1:17: time.a_end: must be greater than initial.a_start, "
                "which is 9, found 8 (in the radiation era a/a_osc = tau/tau_osc)"
            ],
        ),
        (
            [STATIC],
            [
                "--set background.kind=static:1:17: initial.a_start: a static background starts at "
                "tau = 0, with a = 1 throughout: leave it out (on the command line, --set "
                "initial.a_start=null)",
                "--set background.kind=static:1:17: time.a_end: a static background has a = 1 "
                "throughout: use tau_end (on the command line, --set time.a_end=null --set "
                "time.tau_end=...)",
            ],
        ),
        (
            ["initial.kind=file"],
            [
                "--set initial.kind=file:1:14: initial.file: missing: kind: file needs one, for "
                "example file: start.h5"
            ],
        ),
        (
            ["initial.file=a.h5"],
            [
                "--set initial.file=a.h5:1:14: initial.file: is only read with kind: file, but "
                "kind is vacuum"
            ],
        ),
        (
            ["model.couplings.AX=1"],
            [
                "--set model.couplings.AX=1:1:17: model.couplings.AX: no field A is "
                "declared under model.fields, which has X: declare it, or leave the coupling out"
            ],
        ),
        (
            ["model.couplings.AB=1"],
            [
                "--set model.couplings.AB=1:1:17: model.couplings.AB: no field A or B is declared "
                "under model.fields, which has X: declare it, or leave the coupling out"
            ],
        ),
        (
            ["model.fields={}"],
            [
                "--set model.fields={}:1:14: model.fields: at least one field is needed, for "
                "example fields: {X: {role: dark}}"
            ],
        ),
        (
            ["model.alp.theta_initial=-3.2", "model.alp.potential=cosine"],
            [
                "--set model.alp.theta_initial=-3.2:1:25: model.alp.theta_initial: must lie "
                "between -pi and pi, at neither, for the cosine potential, found -3.2"
            ],
        ),
        (
            ["model.alp.theta_initial=0"],
            [
                "--set model.alp.theta_initial=0:1:25: model.alp.theta_initial: must be a finite "
                "number other than 0, found 0"
            ],
        ),
        (
            ["output.snapshots=[0.4, 3, 3, 9]"],
            [
                "--set output.snapshots=[0.4, 3, 3, 9]:1:19: output.snapshots[0]: the run goes "
                "from a = 0.5 to 8, found 0.4",
                "--set output.snapshots=[0.4, 3, 3, 9]:1:27: output.snapshots[2]: must be greater "
                "than 3 before it, found 3",
                "--set output.snapshots=[0.4, 3, 3, 9]:1:30: output.snapshots[3]: the run goes "
                "from a = 0.5 to 8, found 9",
            ],
        ),
        (
            [STATIC, NO_START, NO_END, "time.tau_end=1.5"],
            [
                "--set time.tau_end=1.5:1:14: output.snapshots[1]: the run goes from tau = 0 to "
                "1.5, found 2"
            ],
        ),
    ],
)
def test_contradictions(overrides: list[str], expected: list[str]) -> None:
    assert problems(BASE, *overrides) == expected


def test_characters_that_do_not_show_are_escaped() -> None:
    assert problems(edited("X: {role: dark}", "\xa0X: {}")) == [
        f"c.yaml:7:5: model.fields.\\xa0X: {LETTER}",
        "c.yaml:9:5: model.couplings.XX: no field X is declared under model.fields, which has "
        "\\xa0X: declare it, or leave the coupling out",
    ]


def test_limits_that_are_included() -> None:
    assert read(BASE, "output.snapshots=[0.5, 8]").output.snapshots == (0.5, 8.0)
    static = (STATIC, NO_START, NO_END, "time.tau_end=2", "output.snapshots=[0, 2]")
    assert read(BASE, *static).output.snapshots == (0.0, 2.0)
    assert read(BASE, f"initial.seed={2**63 - 1}").initial.seed == 2**63 - 1
    assert read(BASE, "lattice.sites=8").lattice.sites == 8
    assert read(BASE, "lattice.sites=1600").lattice.sites == 1600
    just = math.nextafter(math.pi, 0)
    cosine = read(BASE, "model.alp.potential=cosine", f"model.alp.theta_initial={just!r}")
    assert cosine.model.alp.theta_initial == just
    assert read(BASE, f"model.alp.theta_initial={4 * just!r}").model.alp.theta_initial == 4 * just


def test_at_most_one_photon() -> None:
    data: dict[str, Any] = read().model_dump()
    photon = {"role": "photon"}
    data["model"]["fields"] = {"X": {"role": "dark"}, "A": photon, "B": photon}
    (issue,) = Config.issues(data)
    assert issue.paths[0] == ("model", "fields", "B", "role")
    assert issue.message == "A is the photon already, and there is one at most: use role: dark"
    text = edited("role: dark}", "role: dark}\n    A: {role: photon}\n    B: {role: photon}")
    assert problems(text) == [
        "c.yaml:9:15: model.fields.B.role: A is the photon already, and there is one at most: use "
        "role: dark"
    ]
    text = edited("role: dark}", "role: dark}\n    A: {role: photon}")
    assert problems(text, "model.fields.X.role=photon") == [
        "--set model.fields.X.role=photon:1:21: model.fields.A.role: X is the photon already, and "
        "there is one at most: use role: dark"
    ]


# The photon stands on line 8, its conductivity at column 37.
CONDUCTING = BASE.replace(
    "    X: {role: dark}\n",
    "    X: {role: dark}\n    A: {role: photon, conductivity: {kind: thomson}}\n",
)
X_MEDIUM, A_MEDIUM = "model.fields.X.conductivity", "model.fields.A.conductivity"
TWO = "at most one field can conduct, and {} does already: use kind: zero for one of them, found {}"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            [f"{A_MEDIUM}.kind=constant"],
            f"--set {A_MEDIUM}.kind=constant:1:34: {A_MEDIUM}.value: missing: kind: constant needs "
            "one, the conformal conductivity in 1/tau_osc, for example value: 1e16",
        ),
        (
            [f"{A_MEDIUM}.value=1"],
            f"--set {A_MEDIUM}.value=1:1:35: {A_MEDIUM}.value: is only used with kind: constant, "
            "but kind is thomson: change kind, or leave this out (on the command line, --set "
            f"{A_MEDIUM}.value=null)",
        ),
        (
            [f"{X_MEDIUM}.value=0"],
            f"--set {X_MEDIUM}.value=0:1:35: {X_MEDIUM}.value: is only used with kind: constant, "
            "but kind is zero: change kind, or leave this out (on the command line, --set "
            f"{X_MEDIUM}.value=null)",
        ),
        (
            [f"{A_MEDIUM}={{kind: zero, electrons_per_photon: 1e-9}}"],
            f"--set {A_MEDIUM}={{kind: zero, electrons_per_photon: 1e-9}}:1:64: "
            f"{A_MEDIUM}.electrons_per_photon: is only used with kind: thomson or thomson_thermal, "
            "but kind is zero: change kind, or leave this out (on the command line, --set "
            f"{A_MEDIUM}.electrons_per_photon=null)",
        ),
        (
            [f"{A_MEDIUM}={{kind: constant, value: 1, electrons_per_photon: 1}}"],
            f"--set {A_MEDIUM}={{kind: constant, value: 1, electrons_per_photon: 1}}:1:78: "
            f"{A_MEDIUM}.electrons_per_photon: is only used with kind: thomson or thomson_thermal, "
            "but kind is constant: change kind, or leave this out (on the command line, --set "
            f"{A_MEDIUM}.electrons_per_photon=null)",
        ),
        (
            ["background={kind: static}", "initial=null", "time={tau_end: 9}"],
            f"--set background={{kind: static}}:1:19: {A_MEDIUM}.kind: thomson follows the "
            "temperature of the radiation, and a background of kind static has none: use kind: "
            f"constant, or background.kind: {one_of(HOT)}",
        ),
        (
            [f"{A_MEDIUM}.kind=thomson_thermal", f"{X_MEDIUM}.kind=thomson"],
            f"--set {A_MEDIUM}.kind=thomson_thermal:1:34: {A_MEDIUM}.kind: "
            + TWO.format("X", "thomson_thermal"),
        ),
        (
            [f"{X_MEDIUM}.kind=thomson"],
            f"--set {X_MEDIUM}.kind=thomson:1:34: {A_MEDIUM}.kind: " + TWO.format("X", "thomson"),
        ),
        (
            ["time.scheme=rk4"],
            "--set time.scheme=rk4:1:13: time.scheme: only strang and blanes_moan step a conducting field, and A "
            "has the conductivity thomson (a step of rk4 would have to resolve 1/sigma): use "
            "scheme: strang, or the conductivity zero",
        ),
    ],
)
def test_contradictions_of_a_conductivity(overrides: list[str], expected: str) -> None:
    assert problems(CONDUCTING, *overrides) == [expected]


def test_contradictions_of_a_conductivity_in_a_file_have_their_place() -> None:
    text = CONDUCTING.replace("{kind: thomson}", "{value: 1}").replace(
        "role: dark", "conductivity: {kind: constant}"
    )
    assert [line.partition(": ")[0] for line in problems(text)] == ["c.yaml:7:9", "c.yaml:8:45"]
    text = CONDUCTING.replace("role: dark", "conductivity: {kind: thomson}")
    text = text.replace("a_end: 8", "a_end: 8\n  scheme: rk3")
    assert [line.partition(": model")[0].partition(": time")[0] for line in problems(text)] == [
        "c.yaml:8:44",
        "c.yaml:20:11",
    ]


@pytest.mark.parametrize("scheme", ["strang", "blanes_moan", "rk46nl", "rk4", "rk3"])
def test_a_photon_without_conductivity_takes_every_scheme(scheme: str) -> None:
    zero = (f"{A_MEDIUM}.kind=zero", f"time.scheme={scheme}")
    assert read(CONDUCTING, *zero).time.scheme == scheme


def test_the_conductivity_on_the_command_line() -> None:
    assert read(CONDUCTING).conducting == "A"
    for override in (f"{A_MEDIUM}.kind=zero", f"{A_MEDIUM}={{kind: zero}}", f"{A_MEDIUM}=null"):
        config = read(CONDUCTING, override)
        assert (config.conducting, config.photon) == (None, "A")
        assert config.model.fields["A"].conductivity == ConductivityKeys()
    given = CONDUCTING.replace("{kind: thomson}", "{kind: thomson, electrons_per_photon: 1e-9}")
    config = read(given, f"{A_MEDIUM}.kind=zero", f"{A_MEDIUM}.electrons_per_photon=null")
    assert config.conducting is None
    constant = f"{A_MEDIUM}={{kind: constant, value: 0}}"
    assert read(CONDUCTING, constant).conducting is None
    assert read(given, f"{A_MEDIUM}.kind=thomson_thermal").model.fields["A"].conductivity == (
        ConductivityKeys(kind="thomson_thermal", electrons_per_photon=1e-9)
    )


def test_a_constant_conductivity_in_a_static_background_is_fine() -> None:
    static = ("background.kind=static", "initial=null", "time={tau_end: 9}")
    constant = f"{A_MEDIUM}={{kind: constant, value: 5}}"
    assert read(CONDUCTING, constant, *static).conducting == "A"


def test_float32_has_a_threshold_of_its_own_for_gauss() -> None:
    assert read(BASE, "lattice.precision=float32").checks.gauss_max == 1e-3
    chosen = read(BASE, "lattice.precision=float32", "checks.gauss_max=1e-5")
    assert chosen.checks.gauss_max == 1e-5
