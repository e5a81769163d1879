"""Reads run folders: tables, figures and numbers; never imports the engine."""
