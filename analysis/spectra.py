"""Spectra that are put together from the spectra of a run: both helicities, and their
difference."""

from __future__ import annotations

from dataclasses import replace

from darklat.storage.read_run import Array, RunFiles, SpectrumData


def both_helicities(run: RunFiles, quantity: str) -> SpectrumData | None:
    """The sum of the spectra `quantity`_plus and `quantity`_minus at the times both have."""
    plus, minus = (run.spectra.get(f"{quantity}_{sign}") for sign in ("plus", "minus"))
    if plus is None or minus is None:
        return None
    n = min(len(plus.tau), len(minus.tau))
    return replace(
        plus,
        tau=plus.tau[:n],
        a=plus.a[:n],
        power=plus.power[:n] + minus.power[:n],
        zero=plus.zero[:n] + minus.zero[:n],
    )


def helicity_power(run: RunFiles, quantity: str) -> Array | None:
    """Power of helicity + less the power of -, per ln k, [k] of the last time both have, or
    None."""
    plus, minus = (run.spectra.get(f"{quantity}_{sign}") for sign in ("plus", "minus"))
    if plus is None or minus is None:
        return None
    last = min(len(plus.tau), len(minus.tau)) - 1
    return plus.power[last] - minus.power[last]
