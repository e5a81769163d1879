"""Pair creation in strong fields."""
