"""The keys of the ALP. Its potential is a name or a formula, which is checked here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic
from pydantic_core import CoreSchema, core_schema

from darklat.physics.formulas import RESERVED, FormulaError, closed, expression, names
from darklat.physics.potential import POTENTIALS
from darklat.physics.potential_checks import fault
from darklat.schema.contradictions import Check, Issue, check
from darklat.schema.read_only import ReadOnly
from darklat.schema.section import Section
from darklat.schema.sizes import SCALE, SIZE
from darklat.schema.yaml.problems import describe, one_of
from darklat.schema.yaml.text import KeyPath
from darklat.schema.yaml.values import Choice, Container, Number, Value, refusal

CHECKS: list[Check] = []

POTENTIAL: KeyPath = ("model", "alp", "potential")
FORMULA: KeyPath = (*POTENTIAL, "formula")
_EXAMPLE = '{formula: "1 - cos(theta)"}'


@dataclass(frozen=True)
class FormulaText(Value):
    """The text of a formula. The checks below parse it, with its parameters."""

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise refusal(
                f"must be a formula in theta, such as {_EXAMPLE}, found {describe(value)}"
            )
        return value


@dataclass(frozen=True)
class ParameterName(Value):
    """The name of a parameter in a formula."""

    def accept(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,29}", value):
            raise refusal("a parameter is named by 1 to 30 letters, digits and _, a letter first")
        if value in RESERVED:
            raise refusal(f"{value} has a meaning in every formula: choose another name")
        return value


class FormulaKeys(Section):
    """V in units of m^2 f^2 as a formula in theta, with the numbers that its other names stand
    for."""

    formula: Annotated[str, FormulaText()] = pydantic.Field(examples=['formula: "1 - cos(theta)"'])
    parameters: Annotated[
        dict[Annotated[str, ParameterName()], Annotated[float, Number(size=SIZE)]],
        Container(dict, "a mapping from names to numbers, such as {c: 0.8}", most=20),
        pydantic.AfterValidator(ReadOnly),
    ] = pydantic.Field(default_factory=ReadOnly)

    @property
    def closed(self) -> str:
        """The formula with its numbers, as `physics.potential.of` takes it."""
        return closed(self.formula, self.parameters)


@dataclass(frozen=True)
class PotentialValue:
    """A name of a potential, or the mapping of a formula."""

    def accept(self, value: object, handler: pydantic.ValidatorFunctionWrapHandler) -> object:
        """The name, or the FormulaKeys."""
        if isinstance(value, dict | FormulaKeys):
            return handler(value)
        if isinstance(value, str) and "theta" in value:
            raise refusal(f"a formula is written potential: {{formula: {value!r}}}")
        if not isinstance(value, str):
            known = one_of([*POTENTIALS, _EXAMPLE])
            raise refusal(f"must be {known}, found {describe(value)}")
        return Choice((*POTENTIALS, _EXAMPLE)).accept(value)

    def __get_pydantic_core_schema__(
        self, source: object, handler: pydantic.GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            self.accept,
            handler.generate_schema(FormulaKeys),
            serialization=core_schema.plain_serializer_function_ser_schema(_plain),
        )


def _plain(value: str | FormulaKeys) -> str | dict[str, Any]:
    return value if isinstance(value, str) else value.model_dump()


Potential = Annotated[str | FormulaKeys, PotentialValue()]


class AlpKeys(Section):
    """The axion-like particle: V = m^2 f^2 theta^2/2, m^2 f^2 (1 - cos theta), or a formula."""

    mass_eV: Annotated[float, Number(positive=True, size=SCALE, unit="eV", unit_in_key=True)] = (
        pydantic.Field(examples=["mass_eV: 1e-17"])
    )
    f_GeV: Annotated[float, Number(positive=True, size=SCALE, unit="GeV", unit_in_key=True)] = (
        pydantic.Field(examples=["f_GeV: 1e16"])
    )
    potential: Potential = "quadratic"
    theta_initial: Annotated[float, Number(not_zero=True, size=SIZE, unit="radians")] = 1.0

    @property
    def V(self) -> str:
        """The potential as `physics.potential.of` takes it."""
        return self.potential if isinstance(self.potential, str) else self.potential.closed


@check(CHECKS, "model.alp.potential")
def _formula(potential: Any) -> Iterator[Issue]:
    given = _given(potential)
    if given is None:
        return
    formula, parameters = given
    try:
        expression(closed(formula, parameters))
    except FormulaError as error:
        yield Issue((FORMULA, (*POTENTIAL, "parameters")), error.message, column=error.column)
        return
    for name in parameters.keys() - names(formula):
        yield Issue(
            ((*POTENTIAL, "parameters", name), FORMULA),
            "is not used in the formula: leave it out",
            at_key=True,
        )


@check(
    CHECKS,
    "model.alp.potential",
    "model.alp.theta_initial",
    "lattice.precision",
    of_a_beginning=True,
)
def _behaviour(potential: Any, theta_initial: float, precision: str) -> Iterator[Issue]:
    given = _given(potential)
    if given is None or not isinstance(theta_initial, int | float) or not theta_initial:
        return
    try:
        text = closed(*given)
        expression(text)
    except FormulaError:
        return  # it has its own message
    found = fault(text, float(theta_initial), single=precision == "float32")
    if found is None:
        return
    theta = ("model", "alp", "theta_initial")
    at = (theta, FORMULA) if found.of_theta_initial else (FORMULA, theta)
    yield Issue((*at, (*POTENTIAL, "parameters"), ("lattice", "precision")), found.message)


def _given(potential: Any) -> tuple[str, dict[str, float]] | None:
    """The formula and its parameters. None where there is no formula, or where one of its values
    has a problem of its own."""
    if not isinstance(potential, dict) or not isinstance(potential.get("formula"), str):
        return None
    parameters = potential.get("parameters")
    parameters = {} if parameters is None else parameters
    if not isinstance(parameters, dict) or not all(
        isinstance(x, int | float) and not isinstance(x, bool) for x in parameters.values()
    ):
        return None
    return potential["formula"], parameters
