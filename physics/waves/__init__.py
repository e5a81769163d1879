"""Dispersion relations of plasma waves."""
