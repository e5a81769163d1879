"""Files of a run.

They know shapes, units and descriptions of what they are handed, not its physics.
"""
