# %% [markdown]
# # A start of one's own
#
# A run can start from any fields. Here the dark photon starts as a helical field, once right-handed
# and once left-handed. The rolling ALP makes one of them grow and leaves the other one alone.

# %%
from pathlib import Path

import numpy as np

import darklat as dl

# %% tags=["parameters"]
SITES, BOX = 32, 1.0  # the box in tau_osc
WAVES = 2  # wavelengths in the box
UNTIL_A = 1.6
FOLDER = "."

# %% [markdown]
# `a_start` is the time of the fields.

# %%
SETTINGS: dict[str, object] = {
    "lattice.sites": SITES,
    "lattice.box": BOX,
    "model.couplings.XX": 10,
    "initial.a_start": 0.8,
    "time.a_end": UNTIL_A,
}
config = dl.load("first_light", SETTINGS)

# %% [markdown]
# Waves along all three axes whose curl is $\pm k$ times the field, of Arnold, Beltrami and
# Childress. Component $i$ lies at half a link along $i$, on which it does not depend: so the
# divergence on the lattice vanishes. Other fields are made transverse with `dl.initial.transverse`.


# %%
def helical(sign: int, amplitude: float) -> np.ndarray:
    """A link field [3, n, n, n] with curl V = sign k V."""
    k = 2 * np.pi * WAVES / BOX
    x, y, z = k * (BOX / SITES) * np.indices((SITES, SITES, SITES))
    first, second = (np.sin, np.cos) if sign > 0 else (np.cos, np.sin)
    return amplitude * np.array([first(z) + second(y), first(x) + second(z), first(y) + second(x)])


# %% [markdown]
# `write` checks the fields as the run will, and returns the first row of its series. The ALP is
# at rest. X is in f, E in f/tau_osc.

# %%
folder = Path(FOLDER).resolve()
rows = {
    name: dl.initial.write(
        folder / f"{name}.h5",
        config,
        theta=1.0,
        theta_prime=0.0,
        X={"X": helical(sign, 1e-8)},
        E={"X": np.zeros((3, SITES, SITES, SITES))},
    )
    for name, sign in (("right", 1), ("left", -1))
}
rows["right"]["rho/X"], rows["right"]["gauss/X"]

# %% [markdown]
# A configuration names the file that its run starts from. The numbers are the comoving energy at
# the end over that at the start.

# %%
growth = {}
for name in rows:
    start = {"initial.kind": "file", "initial.file": str(folder / f"{name}.h5")}
    simulation = dl.Simulation(dl.load("first_light", SETTINGS | start))
    simulation.run()
    energy = simulation.series["rho/X"] * simulation.series["a"] ** 4
    growth[name] = float(energy[-1] / energy[0])
growth
