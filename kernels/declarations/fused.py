"""Kernels that do the work of several others in one pass over memory, for a GPU (fused_kick.cu,
fused_flow.cu).

A sweep of the CPU has the same effect without them: its kernels follow one another through the
cache (backends/sweep.cpp).
"""

from darklat.kernels.declarations.alp_gauge import couplings, second_order
from darklat.kernels.declare import HERE, Source, Sums, fused, inout, integer, read, real, write
from darklat.kernels.layout import LINK, SITE, Variant

MOST_FIELDS = 2  # free ones, of which a block has planes in its 48 KB of shared memory


def in_tiles(variant: Variant) -> bool:
    """Whether planes of the free fields fit in a block. Higher orders have wider rims, and means
    that are stored between (docs/performance.md has the count)."""
    return second_order(variant) and 0 < variant.free <= MOST_FIELDS


def massless_in_tiles(variant: Variant) -> bool:
    """Whether E of a neighbour's link follows from values that no other block changes. A massive
    field changes D, X and v on the way to E, and other blocks read them around their tiles."""
    return in_tiles(variant) and not variant.massive


KICKS = Source("fused_kick.cu", needed=in_tiles)
FLOWS = Source("fused_flow.cu", needed=massless_in_tiles)

_KICK = (real("kick_h"), real("kick_a"), real("kick_mass_squared"), real("kick_inv_dx"))
_FIELDS_OF_KICK = (
    read("X", LINK, fields="free"), read("theta", SITE), inout("pi", SITE, at=HERE),
    inout("D", LINK, fields="free", at=HERE),
)  # fmt: skip
_COORDINATE = (integer("axis"), real("link_coordinate_h"), real("link_coordinate_inv_dx"))
_MOMENTA = (real("link_momenta_h"), real("link_momenta_inv_dx"))
_FIELDS_OF_FLOW = (
    couplings(), read("theta", SITE), read("X_JK", LINK, components="JK", fields="felt", at="JK"),
    read("D_I", LINK, components="I", fields="free"),
    inout("X_I", LINK, components="I", fields="free", at=HERE), inout("pi", SITE, at=HERE),
    inout("D_JK", LINK, components="JK", at=HERE),
)  # fmt: skip

KERNELS = (
    fused(
        "plaquettes_kick_drift", KICKS,
        *_KICK, real("drift_h"), real("drift_a"), *_FIELDS_OF_KICK, write("theta_next", SITE),
        replaces=("plaquettes", "kick", "drift"), sums=Sums(("trace", "pi_sq")),
    ),
    fused(
        "plaquettes_kick", KICKS, *_KICK, *_FIELDS_OF_KICK,
        replaces=("plaquettes", "kick"), sums=Sums(("trace",)),
    ),
    fused(
        "link_flow", FLOWS,
        *_COORDINATE, real("link_torque_h"), real("link_torque_inv_dx"), *_MOMENTA,
        *_FIELDS_OF_FLOW,
        replaces=("felt_magnetic", "link_coordinate", "link_torque", "link_momenta"),
    ),
    fused(
        "link_flow_drift", FLOWS,
        *_COORDINATE, real("link_torque_drift_h"), real("link_torque_drift_inv_dx"),
        real("link_torque_drift_drift"), real("link_torque_drift_a"), *_MOMENTA, *_FIELDS_OF_FLOW,
        write("theta_next", SITE),
        replaces=("felt_magnetic", "link_coordinate", "link_torque_drift", "link_momenta"),
        sums=Sums(("pi_sq",)),
    ),
)  # fmt: skip
