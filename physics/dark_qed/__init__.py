"""Relics of dark QED from inflation: a dark photon A' and a fermion psi that thermalise.

A. Arvanitaki et al., "Dark QED from Inflation", Secs. 3-5, App. E, F, H. `bath` has eta and xi,
`closed_forms` the paper's densities, `freeze_out` the numerical ones, `thermalisation` the charges
that they need, `kinetic_mixing` freeze-in, `graviton_exchange` the bounds on reheating.
"""
