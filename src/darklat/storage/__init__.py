"""Files of a run.

They know shapes, units and descriptions of the arrays that they are handed, not their physics.
"""
