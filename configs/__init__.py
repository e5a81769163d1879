"""The example configurations, which an installed darklat carries with it."""
