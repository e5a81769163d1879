"""Thermal history of the universe, and the conductivity of its plasma.

g_* of the Standard Model (`degrees`) and the times that follow from it (`radiation`) serve numbers
of today, at any temperature. Below 10 MeV the temperature and the electrons of a conducting plasma
come from integrals over e+ e- (`history`).
"""

from darklat.physics.thermal.degrees import g_energy, g_entropy

__all__ = ["g_energy", "g_entropy"]
