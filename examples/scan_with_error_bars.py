# %% [markdown]
# # A scan with error bars
#
# epsilon against the coupling of the ALP, with its scatter over the seeds of the vacuum. Every run
# is a folder. The notebook can be stopped and executed again: finished runs are only opened.

# %%
import matplotlib.pyplot as plt

import darklat as dl

# %% tags=["parameters"]
OVERRIDES: dict[str, object] = {
    "lattice.sites": 32,
    "lattice.box": 0.5,
    "initial.linear_until": "auto",
}
COUPLINGS = [80, 90, 100]
SEEDS = [1, 2, 3]
FOLDER = "runs/scan_notebook"

# %%
folders = []
for coupling in COUPLINGS:
    for seed in SEEDS:
        chosen = {"model.couplings.XX": coupling, "initial.seed": seed}
        config = dl.load("first_light", {**OVERRIDES, **chosen})
        folders.append(dl.run(config, out=f"{FOLDER}/g{coupling}_seed{seed}").folder)

# %% [markdown]
# Runs that differ in their seed alone are one configuration: mean, scatter of one run, and error of
# the mean. All runs are compared at the latest time that all of them have reached.

# %%
table = dl.scan(folders)
epsilon = table.over_seeds("epsilon")
epsilon

# %%
figure, axes = plt.subplots()
axes.errorbar(epsilon["model.couplings.XX"], epsilon["mean"], epsilon["scatter"], fmt="o")
axes.set_xlabel(r"$g_{XX}$")
axes.set_ylabel(rf"$\epsilon$ at $a/a_\mathrm{{osc}} = {table.common:.3g}$")
figure

# %% [markdown]
# The scatter over seeds is one part of the error. `darklat converge` varies the lattice, the box
# and the step too, and adds the parts.
