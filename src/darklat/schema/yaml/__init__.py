"""YAML text to values that know their place, and the problems of these values."""
