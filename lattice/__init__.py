"""The engine: configuration, fields, integrators, the loop and its outputs."""
