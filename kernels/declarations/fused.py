"""Kernels that do the work of several others in one pass over memory, for a GPU (fused_kick.cu,
fused_flow.cu; at orders above 2 fused_means.cu, fused_force.cu).

A sweep of the CPU has the same effect without them: its kernels follow one another through the
cache (backends/sweep.cpp).
"""

from darklat.kernels.declarations.alp_gauge import couplings, higher_order, second_order
from darklat.kernels.declare import HERE, Source, Sums, fused, inout, integer, read, real, write
from darklat.kernels.layout import LINK, SITE, Variant

MOST_FIELDS = 2  # free ones, of which a block has planes in its 48 KB of shared memory


def in_tiles(variant: Variant) -> bool:
    """Whether planes of the free fields fit in a block."""
    return 0 < variant.free <= MOST_FIELDS


def massless_in_tiles(variant: Variant) -> bool:
    """Whether E of a neighbour's link follows from values that no other block changes. A massive
    field changes D, X and v on the way to E, and other blocks read them around their tiles."""
    return in_tiles(variant) and not variant.massive


TILES, SITES = "tiles.h", "fused_site.h"
KICKS = Source("fused_kick.cu", needed=in_tiles, before=(TILES,))
FLOWS = Source(
    "fused_flow.cu",
    needed=lambda variant: massless_in_tiles(variant) and second_order(variant),
    before=(TILES, SITES),
)
MEANS = Source(
    "fused_means.cu",
    needed=lambda variant: in_tiles(variant) and higher_order(variant),
    before=(TILES,),
)
FORCES = Source(
    "fused_force.cu",
    needed=lambda variant: massless_in_tiles(variant) and higher_order(variant),
    before=(TILES, SITES),
)

_KICK = (real("kick_h"), real("kick_a"), real("kick_mass_squared"), real("kick_inv_dx"))
_FIELDS_OF_KICK = (
    read("X", LINK, fields="free"), read("theta", SITE), inout("pi", SITE, at=HERE),
    inout("D", LINK, fields="free", at=HERE),
)  # fmt: skip
_COORDINATE = (integer("axis"), real("link_coordinate_h"), real("link_coordinate_inv_dx"))
_TORQUE = (real("link_torque_h"), real("link_torque_inv_dx"))
_TORQUE_DRIFT = (
    real("link_torque_drift_h"), real("link_torque_drift_inv_dx"),
    real("link_torque_drift_drift"), real("link_torque_drift_a"),
)  # fmt: skip
_MOMENTA = (real("link_momenta_h"), real("link_momenta_inv_dx"))
_X_JK = read("X_JK", LINK, components="JK", fields="felt", at="JK")
_FELT = read("G", LINK, components="J", fields="free", at="I")
_D_I = read("D_I", LINK, components="I", fields="free", at="I")
_X_AND_PI = (
    inout("X_I", LINK, components="I", fields="free", at=HERE), inout("pi", SITE, at=HERE),
)  # fmt: skip
_D_JK = inout("D_JK", LINK, components="JK", at=HERE)
_FORCE = write("F", LINK, components="K", fields="free")
_FIELDS_OF_FLOW = (
    couplings(), read("theta", SITE), _X_JK, read("D_I", LINK, components="I", fields="free"),
    *_X_AND_PI, _D_JK,
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
        *_COORDINATE, *_TORQUE, *_MOMENTA, *_FIELDS_OF_FLOW,
        replaces=("felt_magnetic", "link_coordinate", "link_torque", "link_momenta"),
    ),
    fused(
        "link_flow_drift", FLOWS,
        *_COORDINATE, *_TORQUE_DRIFT, *_MOMENTA, *_FIELDS_OF_FLOW, write("theta_next", SITE),
        replaces=("felt_magnetic", "link_coordinate", "link_torque_drift", "link_momenta"),
        sums=Sums(("pi_sq",)), axes="xz",  # theta drifts with the first and with the last axis
    ),
    # At orders above 2: X to G, X or G to F, and F to D
    fused(
        "felt_of_links", MEANS,
        integer("axis"), couplings(), _X_JK, write("G", LINK, components="J", fields="free"),
        replaces=("felt_means", "felt_of_means"),
    ),
    fused(
        "momenta_of_force", MEANS,
        integer("axis"), real("momenta_of_means_h"), real("momenta_of_means_inv_dx"), couplings(),
        read("F", LINK, components="K", fields="free", at="JK"), _D_JK,
        replaces=("force_means", "momenta_of_means"),
    ),
    fused(
        "force_of_links", FORCES,
        *_COORDINATE, *_TORQUE, couplings(), read("theta", SITE, at="I"), _X_JK, _D_I, *_X_AND_PI,
        _FORCE,
        replaces=("felt_means", "felt_of_means", "link_coordinate", "link_torque"), axes="xy",
    ),
    fused(
        "force_of_links_drift", FORCES,
        *_COORDINATE, *_TORQUE_DRIFT, couplings(), read("theta", SITE, at="I"), _X_JK, _D_I,
        *_X_AND_PI, _FORCE, write("theta_next", SITE),
        replaces=("felt_means", "felt_of_means", "link_coordinate", "link_torque_drift"),
        sums=Sums(("pi_sq",)), axes="x",
    ),
    fused(
        "force_of_felt", FORCES,
        *_COORDINATE, *_TORQUE, read("theta", SITE, at="I"), _FELT, _D_I, *_X_AND_PI, _FORCE,
        replaces=("link_coordinate", "link_torque"), axes="z", marching=False,
    ),
    fused(
        "force_of_felt_drift", FORCES,
        *_COORDINATE, *_TORQUE_DRIFT, read("theta", SITE, at="I"), _FELT, _D_I, *_X_AND_PI, _FORCE,
        write("theta_next", SITE),
        replaces=("link_coordinate", "link_torque_drift"), sums=Sums(("pi_sq",)), axes="z",
        marching=False,
    ),
)  # fmt: skip
