"""What the files of a run hold: the evolved arrays, the columns of the series and the quantities of
the spectra, with their units and descriptions."""

from __future__ import annotations

from darklat.physics.quantities import Column
from darklat.schema import Config

# ---- The evolved arrays: name -> unit, description. ----

ALP_STATE = {
    "theta": ("1", "ALP field phi/f on the sites [n, n, n]"),
    "pi": ("1/tau_osc", "a^2 theta' on the sites [n, n, n]"),
}
STATE = {
    "X": ("f", "vector potentials on the links [field, component, n, n, n]"),
    "D": (
        "f/tau_osc",
        "displacement fields E - g theta B on the links [field, component, n, n, n]; of a "
        "conducting field, D - E",
    ),
}
CONDUCTING_STATE = {
    "E_conducting": (
        "f/tau_osc",
        "electric field of the conducting field on the links [component, n, n, n]",
    ),
    "Q_conducting": (
        "f/tau_osc",
        "of the conducting field, time integral of its current, less D at the start, on the links "
        "[component, n, n, n]",
    ),
}
MASSIVE_STATE = {
    "P": ("f/tau_osc", "a^2 times the temporal potential of massive fields [field, n, n, n]"),
    "v": ("f", "velocity of their fluids on the links [field, component, n, n, n]"),
    "Q": (
        "f/tau_osc",
        "time integral of their current, less D of the start where there is no mass [field, "
        "component, n, n, n]",
    ),
    "R": ("f tau_osc", "time integral of a^2 X, so that P = div R [field, component, n, n, n]"),
}
PAIR_STATE = {
    "profile": (
        "1/tau_osc^2",
        "a^3 omega_p^2 of plasmas of pairs on the sites, of others omega_p^2 over its mean [field, "
        "n, n, n]",
    ),
}
NOT_IN_F = (*ALP_STATE, *PAIR_STATE)  # all others are kept in the unit of `Lattice.in_f`


# ---- Series and spectra. ----


def mixing_coupling(config: Config) -> float:
    """g_AX of the photon and the first dark field; 0 where one of them is missing."""
    pair = "".join(sorted((config.photon or "") + (config.dark or "")))
    return config.model.couplings.get(pair, 0.0) if len(pair) == 2 else 0.0


def series_columns(config: Config) -> dict[str, Column]:
    """The columns of series.h5."""
    density, letters = "f^2/tau_osc^2", config.letters
    columns = {
        "tau": Column("tau_osc", "conformal time"),
        "a": Column("a_osc", "scale factor"),
    }
    if config.model.alp:
        columns["r"] = Column("1", "mean energy density of the ALP over that without gauge fields")
    if config.model.alp and config.dark:
        columns["epsilon"] = Column(
            "1",
            f"a/a_osc times the mean energy density of {config.dark} over that "
            "of the ALP without gauge fields",
        )
    if mixing_coupling(config):
        columns["b"] = Column(
            "1",
            f"square root of the mean energy density of {config.photon} over that of "
            f"{config.dark}, per unit of their coupling",
        )
    of_theta: dict[str, Column] = {}
    if config.model.alp:
        columns["rho/theta"] = Column(density, "mean energy density of the ALP")
        of_theta = {
            "theta_mean": Column("1", "mean of theta"),
            "theta_rms": Column("1", "square root of the mean of theta^2"),
        }
    return columns | {
        **{f"rho/{x}": Column(density, f"mean energy density of {x}") for x in letters},
        **{
            f"gauss/{x}": Column(
                "1",
                f"rms of {_gauss_law(config, x)} of {x} over the rms of the sum of the magnitudes "
                "of its terms",
            )
            for x in letters
        },
        **{
            f"lorenz/{x}": Column("1", f"rms of P - div R of {x} over the rms of its terms")
            for x in config.massive
        },
        **{
            f"rho/{x}_plasma": Column(density, f"mean kinetic energy density of the plasma of {x}")
            for x in config.massive
            if config.model.fields[x].plasma.kind != "none"
        },
        "energy_balance": Column(
            "1", "(a^4 rho - start + what expansion and conduction have taken)/(a^4 rho)"
        ),
        **of_theta,
        "power_at_cutoff": Column(
            "1", "share of the energy in bins with |khat| above 3/4 of 2/dx, at the last spectra"
        ),
    }


def _gauss_law(config: Config, letter: str) -> str:
    if letter in config.massive:
        return "div (D + Q) + m^2 P"
    return "div (D + Q)" if letter == config.conducting else "div D"


def spectra_columns(letters: tuple[str, ...], massive: tuple[str, ...] = ()) -> dict[str, Column]:
    """The quantities of spectra.h5."""
    square = "f^2/tau_osc^2"
    out = {"theta": Column("1", "theta")}
    for x in massive:
        out[f"X_{x}_long"] = Column("f^2", f"vector potential of {x}, longitudinal part")
    for x in letters:
        for sign in ("plus", "minus"):
            out[f"B_{x}_{sign}"] = Column(square, f"magnetic field of {x}, helicity {sign}")
            out[f"E_{x}_{sign}"] = Column(square, f"electric field of {x}, helicity {sign}")
        out[f"E_{x}_long"] = Column(square, f"electric field of {x}, longitudinal part")
    return out
