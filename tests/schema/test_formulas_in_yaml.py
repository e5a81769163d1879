"""A formula in a configuration: where its faults are said to be, how it is written and swept."""

from __future__ import annotations

import pytest

from darklat.errors import ConfigError
from darklat.schema import dump, loads
from darklat.schema.later import refusal
from darklat.schema.run import Config

TEXT = """\
name: run
model:
  alp:
    mass_eV: 1e-17
    f_GeV: 1e16
    theta_initial: 2
    potential:
      formula: {formula}
{parameters}
  fields: {{X: {{role: dark}}}}
lattice: {{sites: 8, box: 1}}
time: {{a_end: 2}}
"""
SHARE = '"share*(1 - cos(theta)) + (1 - share)*theta**2/2"'


def read(formula: str, parameters: str = "", *overrides: str) -> Config:
    text = TEXT.format(formula=formula, parameters=parameters and f"      {parameters}")
    return loads(text, source="run.yaml", base=None, overrides=overrides)


@pytest.mark.parametrize(
    ("formula", "place", "message"),
    [
        ('"1 - cos(theta)^2"', "8:31", "write **"),
        ("1 - coss(theta)", "8:20", "did you mean cos?"),
        ("'2theta'", "8:18", "write 2*theta"),
        (">-\n        1 -\n        u*cos(theta)", "10:9", "u is not known"),
        ("|\n        1 -\n        cos(theta)*u", "10:20", "u is not known"),
        ("1 -\n        u*cos(theta)", "9:9", "u is not known"),
        ('"1 - cos(theta"', "8:24", "not closed"),
        ('"1 -"', "8:20", "something is missing behind -"),
        (r'"1 - \x75"', "8:16", "u is not known"),  # an escape: the text's own place
        ('"2 - 2*cos(theta)"', "8:16", "V'' is 2 at theta = 0"),
        ('""', "8:16", "empty"),
        ("3", "8:16", "must be a formula in theta"),
    ],
)
def test_a_fault_is_found_at_its_line_and_column(formula: str, place: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(formula)
    (problem,) = str(caught.value).splitlines()
    assert problem.startswith(f"run.yaml:{place}: model.alp.potential.formula: ")
    assert message in problem


@pytest.mark.parametrize(
    ("override", "start"),
    [
        ("model.alp.potential.formula=1 - coss(theta)", ":1:33: model.alp.potential.formula: coss"),
        ("model.alp.potential={formula: 1 - u}", ":1:35: model.alp.potential.formula: u is not"),
        ("model.alp.potential=theta**2/2", ":1:21: model.alp.potential: a formula is written"),
        ("model.alp.potential=quadratik", "; did you mean quadratic?"),
        ("model.alp.potential=3", 'must be quadratic, cosine or {formula: "1 - cos(theta)"}'),
        ("model.alp.potential={formul: 3}", "potential.formul: unknown key; did you mean formula?"),
        ("model.alp.theta_initial=3.5", ":1:25: model.alp.theta_initial: an ALP at rest here"),
    ],
)
def test_overrides(override: str, start: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read("1 - cos(theta)", "", override)
    assert start in str(caught.value)


def test_parameters() -> None:
    config = read(SHARE, "parameters: {share: 0.8}")
    assert config.model.alp is not None
    assert config.model.alp.V == "(0.8)*(1 - cos(theta)) + (1 - (0.8))*theta**2/2"
    assert loads(dump(config), source="again", base=None) == config
    changed = read(SHARE, "parameters: {share: 0.8}", "model.alp.potential.parameters.share=0.5")
    assert changed.model.alp is not None and "(0.5)" in changed.model.alp.V


@pytest.mark.parametrize(
    ("parameters", "place", "message"),
    [
        ("parameters: {share: 0.8, m: 3}", "9:32", "parameters.m: is not used in the formula"),
        ("parameters: {share: much}", "9:27", "parameters.share: must be a finite number"),
        ("parameters: {share: 1, pi: 3}", "9:30", "pi has a meaning in every formula"),
        ("parameters: {share: 1, 2m: 3}", "9:30", "a letter first"),
        ("parameters: {share: 1e300}", "9:27", "must be of size 1e-09 to 1e+09"),
        ("", "8:17", "share is not known"),
    ],
)
def test_faults_of_parameters(parameters: str, place: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(SHARE, parameters)
    assert f"run.yaml:{place}: " in str(caught.value)
    assert message in str(caught.value)


def test_cancellation_depends_on_the_precision() -> None:
    steep = ("theta**2/(2 + 2*theta**2)", "", "model.alp.theta_initial=50")
    read(*steep)
    with pytest.raises(ConfigError, match=r"V' is wrong by 0\.00011"):
        read(*steep, "lattice.precision=float32")


@pytest.mark.parametrize("key", ["potential", "potential.formula", "potential.parameters.share"])
def test_a_resume_cannot_change_it(key: str) -> None:
    assert "the model has made the fields" in (refusal(Config, f"model.alp.{key}") or "")
