# %% [markdown]
# # First light
#
# An ALP feeds a dark photon on a small lattice, in half a minute on a laptop. Open this file as a
# notebook (VS Code, or Jupyter with Jupytext) or run it as a script.

# %%
import darklat as dl

# %% tags=["parameters"]
OVERRIDES: dict[str, object] = {"lattice.sites": 32, "lattice.box": 0.5}
FOLDER = "runs/first_light_notebook"

# %% [markdown]
# A packaged configuration, with a smaller lattice. An unfinished run in the folder is resumed, and
# a finished one is only opened.

# %%
config = dl.load("first_light", OVERRIDES)
run = dl.run(config, out=FOLDER)
run

# %% [markdown]
# The relic fraction of the ALP and the dark radiation at the end. A column of the series is an
# array with one value per row.

# %%
r, epsilon = run.series["r"][-1], run.series["epsilon"][-1]
r, epsilon

# %% [markdown]
# One helicity of the dark photon grows from the vacuum, so that the chirality is near -1 (or 1).
# Both are alike in the end, when the dark photon acts back on the ALP.

# %%
plus, minus = run.spectra["B_X_plus"], run.spectra["B_X_minus"]
of_plus, of_minus = (plus.power @ plus.dlnk), (minus.power @ minus.dlnk)  # mean squares of B
chirality = (of_plus - of_minus) / (of_plus + of_minus)
dict(zip(plus.a.round(2), chirality.round(3), strict=True))

# %%
run.figures.series()

# %%
run.figures.spectra()
