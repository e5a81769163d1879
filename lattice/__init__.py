"""The engine: fields, sectors, integrators, what is measured; no files."""
