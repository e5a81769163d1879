"""Every kernel by what it takes, reads, writes and sums; a file for each part of the physics.

A new part is its .cu in kernels/source, its file here and its line in `KERNELS`. The order is that
of the compiled text, in which a file may use what the ones before it define.
"""

from darklat.kernels.declarations import alp_gauge, conductor, massive, measurement

KERNELS = (*alp_gauge.KERNELS, *conductor.KERNELS, *massive.KERNELS, *measurement.KERNELS)
