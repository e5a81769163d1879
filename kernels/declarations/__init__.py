"""The declaration of every kernel: its arguments, reads, writes and sums; a file for each part of
the physics.

A new part is its .cu in kernels/source, its file here and its line in `KERNELS`. The files are
compiled in this order, and a file may use definitions of the files before it.
"""

from darklat.kernels.declarations import alp_gauge, conductor, fused, massive, measurement, waves

KERNELS = (
    *alp_gauge.KERNELS,
    *conductor.KERNELS,
    *massive.KERNELS,
    *measurement.KERNELS,
    *waves.KERNELS,
    *fused.KERNELS,
)
