# %% [markdown]
# # From spectra to the radio sky
#
# A run with the photon makes a magnetic field. ALPs that fly through this field become photons.
# This notebook takes the spectrum of a run to the radio background that they make. It compares
# with a field that the observed excess would need.

# %%
import matplotlib.pyplot as plt
import numpy as np

import darklat as dl
from darklat.physics import conversion
from darklat.physics.radio import brightness

# %% tags=["parameters"]
OVERRIDES: dict[str, object] = {
    "lattice.sites": 32,
    "lattice.box": 0.5,
    "lattice.order": 6,
    "initial.linear_until": "auto",
    "time.a_end": 8,
}
FOLDER = "runs/sky_notebook"

# %%
run = dl.run(dl.load("choi2018_fig1", OVERRIDES), out=FOLDER)
run

# %% [markdown]
# The spectrum of B today, in gauss and 1/Mpc, with the conversion and the temperature.

# %%
sky = run.radio_sky("alp_photon_conversion")
print(sky.words)

# %% [markdown]
# The same conversion in a field of 0.1 nG on a scale of 1/100 Mpc, which is about as much as the
# observed excess needs.

# %%
frequency = np.geomspace(1e7, 1e11, 50)
probability = conversion.probability(
    frequency,
    mass_ev=3e-14,
    coupling_per_gev=5e-13,
    spectrum=conversion.Monochromatic(1e-10, 100.0),
)
temperature = brightness.brightness_kelvin(frequency, probability)

figure, axes = plt.subplots()
axes.loglog(frequency, temperature, label="0.1 nG")
axes.loglog(sky.frequency, sky.brightness, label="this run")
axes.loglog(frequency, brightness.arcade_excess_kelvin(frequency), label="observed excess")
axes.set_xlabel("frequency [Hz]")
axes.set_ylabel("brightness temperature [K]")
axes.legend()
figure
