"""Thermal history of the universe, and the conductivity of its plasma."""
