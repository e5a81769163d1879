"""Fields of one's own to start from: `write` makes the file of `initial.file` from NumPy arrays.

docs/initial-states.md describes the file, and the other files that a run can start from.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from darklat.api.origin import origin_of, refuse_no_config
from darklat.driver import feasibility
from darklat.errors import BadValueError, InputError, NumericalError
from darklat.lattice.evolution import Evolution
from darklat.lattice.start.transverse import divergence, transverse
from darklat.schema import Config
from darklat.schema.inputs import InitialFields
from darklat.storage import inputs
from darklat.storage.initial_files import write_initial_fields

__all__ = ["transverse", "write"]

_HINT = (
    " The law is div (E - g theta B) = 0, without a charge; initial.transverse(E, order={}) takes "
    "the longitudinal part of an array out"
)


def write(
    path: str | Path,
    config: Config,
    *,
    X: Mapping[str, np.ndarray],
    E: Mapping[str, np.ndarray],
    theta: np.ndarray | float | None = None,
    theta_prime: np.ndarray | float | None = None,
) -> dict[str, float]:
    """Writes the fields that runs of `config` start from with `initial: {kind: file, file: PATH}`,
    at its initial.a_start. Returns the first row of the series of such a run.

    In program units (tau_osc, f; without an ALP tau_*, 1/tau_*). theta, theta_prime: phi/f and its
    derivative by conformal time on the sites [n, n, n], or one number for all; left out without an
    ALP. X, E: by the letter of every field, vector potential (f) and electric field (f/tau_osc) on
    the links [3, n, n, n], component i at half a link along i. The row has densities and, as
    "gauss/X", the residual of Gauss's law: look there whether the units are right.

    Raises InputError where shapes, letters or values do not fit, where Gauss's law does not hold to
    checks.gauss_max, and where X of a massless field is not transverse to it. `transverse` takes
    the longitudinal part of an array out, for the `lattice.order` that it is given. Raises
    ConfigError as `Simulation`, MachineError when the disk refuses.
    """
    refuse_no_config(config)
    if config.initial.linear_until is not None:
        raise InputError(
            "initial.linear_until: a run from a file has no linear phase; leave it out"
        )
    n, alp = config.lattice.sites, config.model.alp is not None
    for name, given in (("theta", theta), ("theta_prime", theta_prime)):
        if (given is not None) != alp:
            raise InputError(
                f"{name}: {'missing' if alp else 'the model has no ALP: leave it out'}"
            )
    fields = InitialFields(
        None if theta is None else _array("theta", theta, (n, n, n)),
        None if theta_prime is None else _array("theta_prime", theta_prime, (n, n, n)),
        _links("X", X, config),
        _links("E", E, config),
    )
    for letter, values in fields.X.items():
        if letter not in config.massive:
            _refuse_longitudinal(letter, values, config.checks.gauss_max, config.lattice.order)
    row = _first_row(config, fields)
    write_initial_fields(Path(path), config, fields)
    return row


def _links(name: str, given: Mapping[str, np.ndarray], config: Config) -> dict[str, np.ndarray]:
    if set(given) != set(config.letters):
        found, wanted = (
            ", ".join(sorted(letters)) or "none" for letters in (given, config.letters)
        )
        raise InputError(
            f"{name}: has the fields {found}, and model.fields has {wanted}. Give an array of "
            "every field; one without waves is zero"
        )
    shape = (3, *[config.lattice.sites] * 3)
    return {x: _array(f"{name}['{x}']", given[x], shape) for x in config.letters}


def _array(name: str, given: np.ndarray | float, shape: tuple[int, ...]) -> np.ndarray:
    values = np.asarray(given)
    if values.dtype.kind not in "fiu":
        raise InputError(f"{name}: holds {values.dtype}, needed are real numbers")
    if values.ndim == 0 and len(shape) == 3:
        values = np.full(shape, values)
    if values.shape != shape:
        raise InputError(f"{name}: has shape {values.shape}, lattice.sites asks for {shape}")
    if not np.all(np.isfinite(values)):
        raise InputError(f"{name}: has values that are not finite")
    return values.astype(np.float64)


def _refuse_longitudinal(letter: str, X: np.ndarray, most: float, order: int) -> None:
    residual, terms = (np.sqrt(np.mean(part**2)) for part in divergence(X, order))
    if residual > most * terms:
        raise InputError(
            f"X['{letter}']: is not transverse: the rms of div X is {residual / terms:.2g} of its "
            f"terms', at most {most:.2g} is allowed (checks.gauss_max). Component i lies at half a "
            f"link along i; initial.transverse(X['{letter}'], order={order}) takes the "
            "longitudinal part out"
        )


def _first_row(config: Config, fields: InitialFields) -> dict[str, float]:
    """As the run measures it. Raises InputError when it would refuse these fields."""
    origin = origin_of(config)
    backend = feasibility.make_backend(config, "cpu", 0)
    feasibility.check_memory(origin, config, backend)
    named, hint = inputs.read(config, at_start=False), _HINT.format(config.lattice.order)
    evolution = Evolution(
        config, backend, inputs.Inputs(fields, tables=named.tables, profiles=named.profiles)
    )
    try:
        evolution.start()
    except (BadValueError, NumericalError) as error:
        raise InputError(f"{error}{hint if 'gauss_max' in str(error) else ''}") from error
    return evolution.row()
