"""Configurations from packaged names, paths and text, with overrides from Python."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import darklat as dl
from config_text import BASE
from darklat.errors import ConfigError, InputError
from darklat.schema import dump


def test_a_packaged_name_and_a_path_give_the_same(tmp_path: Path) -> None:
    packaged = dl.load("first_light")
    assert isinstance(packaged, dl.Config) and packaged.name == "first_light"
    (tmp_path / "mine.yaml").write_text(BASE)
    by_path = dl.load(tmp_path / "mine.yaml")
    assert by_path == dl.load(str(tmp_path / "mine.yaml")) == dl.loads(BASE)


@pytest.mark.parametrize("value", [32, np.int64(32)])
def test_overrides_are_python_values(value: object) -> None:
    config = dl.loads(
        BASE,
        {
            "lattice.sites": value,
            "model.alp.mass_eV": 1e-17,
            "model.couplings": {"XX": np.float64(80)},
            "model.fields.Y": {"role": "dark", "mass_eV": 1e-18},
            "output.snapshots": (1, 2.5),
            "name": "1e3: # mine",
            "initial.a_start": None,
        },
    )
    assert config.lattice.sites == 32 and config.model.couplings == {"XX": 80}
    assert config.model.fields["Y"].mass_eV == 1e-18
    assert config.output.snapshots == (1, 2.5) and config.name == "1e3: # mine"


def test_overrides_may_be_texts_as_on_the_command_line() -> None:
    as_text = dl.loads(BASE, ["lattice.sites=32", "model.fields.X.role=dark"])
    assert as_text == dl.loads(BASE, {"lattice.sites": 32, "model.fields.X": {"role": "dark"}})
    with pytest.raises(InputError, match=r"not the text 'lattice\.sites=32'"):
        dl.loads(BASE, "lattice.sites=32")


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"lattice.sites": 31}, "the nearest are 30 and 32"),
        ({"lattice.sites": "32"}, "must be an even integer"),
        ({"lattice.precision": True}, "lattice.precision"),
        ({"lattice.site": 32}, "did you mean sites?"),
    ],
)
def test_a_wrong_override_is_refused_with_its_key(overrides: dict, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dl.loads(BASE, overrides)
    assert expected in str(caught.value)


CHANGES: list[Callable[[dict, str], object]] = [
    lambda mapping, key: mapping.__setitem__(key, 3),
    lambda mapping, key: mapping.__delitem__(key),
    lambda mapping, key: mapping.__ior__({key: 3}),
    lambda mapping, key: mapping.update({key: 3}),
    lambda mapping, key: mapping.setdefault("Z", 3),
    lambda mapping, key: mapping.pop(key),
    lambda mapping, key: mapping.popitem(),
    lambda mapping, key: mapping.clear(),
]
"""Every way to change a dict."""


@pytest.mark.parametrize(
    "copied",
    [
        lambda config: config,
        copy.copy,
        copy.deepcopy,
        lambda config: config.model_copy(deep=True),
        lambda config: pickle.loads(pickle.dumps(config)),
        lambda config: dl.Config.model_validate(config.model_dump()),
    ],
)
def test_a_configuration_cannot_be_changed(copied: Callable[[dl.Config], dl.Config]) -> None:
    config = dl.loads(BASE)
    found, same = copied(config), dl.loads(BASE)
    for mapping in (found.model.couplings, found.model.fields):
        key = next(iter(mapping))
        for change in CHANGES:
            with pytest.raises(TypeError, match="a Config cannot be changed"):
                change(mapping, key)
    assert found == config == same and dump(found) == dump(same)
    assert type(found.model_dump()["model"]["couplings"]) is dict


def test_none_has_no_overrides() -> None:
    assert dl.load("first_light", None) == dl.load("first_light")
    assert dl.loads(BASE, None) == dl.loads(BASE)


def test_a_value_that_no_key_can_have_is_refused() -> None:
    with pytest.raises(InputError, match=r"lattice\.sites: a value of type set cannot be set"):
        dl.loads(BASE, {"lattice.sites": {32}})


def test_files_are_relative_to_the_base(tmp_path: Path) -> None:
    table = "{kind: table, file: plasma.txt}"
    text = BASE.replace("{role: dark}", f"{{role: dark, mass_eV: 1e-17, plasma: {table}}}")
    with pytest.raises(ConfigError, match="there is no file"):
        dl.loads(text, base=tmp_path)
    (tmp_path / "plasma.txt").write_text("0.1 1\n10 1\n")
    found = dl.loads(text, base=tmp_path).model.fields["X"].plasma.file
    assert found == tmp_path / "plasma.txt"
