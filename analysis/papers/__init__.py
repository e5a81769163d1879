"""Figures of papers, drawn without a run."""
