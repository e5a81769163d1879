"""YAML text to values that know their place, and what is wrong with them."""
