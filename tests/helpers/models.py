"""Small runs for the tests."""

from __future__ import annotations

from pathlib import Path

from darklat.kernels.backends import Backend, make
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.schema import Config, loads
from darklat.storage import inputs

BENCHMARK = """
name: small
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
lattice: {sites: 16, box: 0.5, order: 2}
time: {a_end: 6}
"""


def config(*overrides: str, text: str = BENCHMARK) -> Config:
    return loads(text, source="test", base=Path("."), overrides=overrides)


def backend_for(model: Config, choice: str = "cpu") -> Backend:
    return make(
        choice,
        n=model.lattice.sites,
        variant=plan.variant(model),
    )


def simulation(*overrides: str, text: str = BENCHMARK, choice: str = "cpu") -> Evolution:
    model = config(*overrides, text=text)
    return Evolution(model, backend_for(model, choice), inputs.read(model))
