"""Equations and definitions that know nothing of lattices and files."""
