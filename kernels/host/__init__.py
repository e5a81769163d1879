"""Compiled code that runs on the host whatever the backend."""
