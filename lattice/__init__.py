"""The engine: fields, sectors, integrators, measured quantities; no files."""
