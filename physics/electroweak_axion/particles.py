"""Masses and charges of the Standard Model that the axion's rates need, in GeV.

Workman et al. (Particle Data Group), PTEP 2022, 083C01; the vacuum expectation value and the
temperature of the transition are those of the paper (footnote 1, II.9).
"""

from __future__ import annotations

from darklat.physics.units import ELECTRON_MASS_EV, EV_PER_GEV

HIGGS_MASS_GEV = 125.0
HIGGS_VEV_GEV = 246.0
T_CRITICAL_SM_GEV = 160.0
"""Where the electroweak symmetry breaks in the Standard Model alone."""

ELECTRON_GEV = ELECTRON_MASS_EV / EV_PER_GEV
MUON_GEV = 0.10566
FERMIONS_GEV = (ELECTRON_GEV, MUON_GEV, 1.77686, 1.27, 4.18, 172.7)
"""e, mu, tau, c, b, t: the charged fermions whose coupling to the axion, m_f/f_phi, counts."""
