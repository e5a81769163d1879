"""What a configuration will cost and do, and which lattice suits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from darklat.api.origin import SOURCE, origin_of, refuse_no_config
from darklat.schema import Config, dump, loads

if TYPE_CHECKING:
    from darklat.driver.suggestions import Suggestion


def validate(config: Config, *, backend: str = "auto", device: int = 0) -> str:
    """The cost of a run on this machine and what is expected of it, as `darklat validate` prints.

    Raises all that `run` raises before its first step: ConfigError, NumericalError, MachineError;
    and InputError for anything but a Config.
    """
    from darklat.driver import validation

    refuse_no_config(config)
    return validation.validate(config, origin_of(config), backend=backend, device=device)


def suggest(
    config: Config, *, sites: int, backend: str = "auto", device: int = 0
) -> list[Suggestion]:
    """Boxes and ends for a lattice of so many sites along an axis, with room for the cascade, and
    their cost on this machine, as `darklat suggest` prints.

    Each has `sites`, `box`, `a_end`, `share_at_cutoff`, `a_back_reaction`, `k_peak`,
    `waves_in_box`, `memory_bytes`, `steps` and `seconds`. Raises InputError where there is no
    growth from a vacuum in the radiation era, and for anything but a Config. Raises ConfigError for
    a number of sites that is not allowed.
    """
    from darklat.driver.suggestions import suggestions

    refuse_no_config(config)
    whole = loads(dump(config), source=SOURCE, base=None, overrides=[f"lattice.sites={sites}"])
    return suggestions(whole, origin_of(whole), backend=backend, device=device)
