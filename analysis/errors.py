"""What the analysis raises."""

from __future__ import annotations


class AnalysisError(RuntimeError):
    """A run folder that cannot be analysed; the message names the cause and the remedy."""


class DiskError(RuntimeError):
    """A result that the disk refused to take; the message names the cause and the remedy."""
