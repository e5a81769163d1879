# %% [markdown]
# # An observable of one's own
#
# A simulation in memory calls a function while it runs. The function measures something and cannot
# change the result. Here it records the magnetic energy of the dark photon in two bands of k.

# %%
import matplotlib.pyplot as plt
import numpy as np

import darklat as dl

# %% tags=["parameters"]
OVERRIDES: dict[str, object] = {"lattice.sites": 32, "lattice.box": 0.5}
UNTIL_A = 7.0
BORDER = 80.0  # between the bands of k, in 1/tau_osc

# %% [markdown]
# A spectrum holds the power per ln k. Its integral over ln k is the mean square of the field, and
# the energy density a^4 rho_B is half of that.

# %%
rows: list[tuple[float, float, float]] = []


def measure(now: dl.Simulation) -> None:
    """Appends a row: the scale factor, and a^4 rho_B below and above the border."""
    found = now.spectra_now()
    plus, minus = found["B_X_plus"], found["B_X_minus"]
    energy = (plus.power + minus.power) * plus.dlnk / 2
    low = plus.k < BORDER
    rows.append((now.a, float(energy[low].sum()), float(energy[~low].sum())))


# %%
simulation = dl.Simulation(dl.load("first_light", OVERRIDES))
simulation.run(until_a=UNTIL_A, every=0.1, call=measure)
simulation

# %% [markdown]
# The ALP feeds small k. The energy moves to large k when the dark photon acts back.

# %%
a, low, high = np.array(rows).T
figure, axes = plt.subplots()
axes.semilogy(a, low, label=f"k < {BORDER:g}")
axes.semilogy(a, high, label=f"k > {BORDER:g}")
axes.set_xlabel(r"$a/a_\mathrm{osc}$")
axes.set_ylabel(r"$a^4\rho_B\ [f^2/\tau_\mathrm{osc}^2]$")
axes.legend()
figure
