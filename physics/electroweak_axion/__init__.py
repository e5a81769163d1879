"""An axion that couples to the Higgs boson and makes baryons, with dark photons beside it.

K. S. Jeong, J. H. Kang, S. Nakagawa, "Cosmological Roles of Dark Photons in Axion-induced
Electroweak Baryogenesis". `potential` has its vacuum, `constraints` the couplings and bounds.
"""

from darklat.physics.electroweak_axion.potential import Kappas, Vacuum, kappas, vacuum

__all__ = ["Kappas", "Vacuum", "kappas", "vacuum"]
