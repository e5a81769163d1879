"""Kernels of the ALP and of the gauge fields that do not conduct, coupled to each other."""

from darklat.kernels.declare import (
    HERE,
    REAL,
    ArrayArgument,
    Call,
    Source,
    Sums,
    inout,
    integer,
    over_sites,
    read,
    read_array,
    real,
    write,
)
from darklat.kernels.layout import LINK, SITE

KICK, LINK_FLOW = Source("kick.cu"), Source("link_flow.cu")


def couplings() -> ArrayArgument:
    """g_ab of all gauge fields, [F, F]."""

    def length(call: Call) -> int:
        return call.layout.gauge_fields**2

    return read_array("g", REAL, length=length)


KERNELS = (
    over_sites(
        "electric", Source("electric.cu"),
        real("inv_dx"), couplings(), read("theta", SITE, at="+x+y+z"),
        read("X", LINK, fields="felt"), read("D", LINK, fields="free", at=HERE),
        write("E", LINK, fields="free"),
    ),
    # A stage of a Runge-Kutta scheme in two registers
    over_sites(
        "momenta", Source("momenta.cu"),
        real("A"), real("B"), real("dt"), real("a"), real("mass_squared"), real("inv_dx"),
        couplings(), read("theta", SITE), read("X", LINK), read("E", LINK),
        inout("pi", SITE, at=HERE), inout("D", LINK, at=HERE),
        inout("k_theta", SITE, at=HERE), inout("k_pi", SITE, at=HERE), inout("k_D", LINK, at=HERE),
        sums=Sums(("pi_sq", "grad_sq", "potential")),
    ),
    over_sites(
        "coordinates", Source("coordinates.cu"),
        real("A"), real("B"), real("dt"), read("E", LINK, at=HERE), read("k_theta", SITE, at=HERE),
        inout("k_X", LINK, at=HERE), inout("theta", SITE, at=HERE), inout("X", LINK, at=HERE),
    ),
    # Flows of the kinetic and the potential terms
    over_sites(
        "plaquettes", KICK, read("X", LINK, fields="free", at="+x+y+z"),
        write("B", LINK, fields="free"),
    ),
    over_sites(
        "kick", KICK,
        real("h"), real("a"), real("mass_squared"), real("inv_dx"), read("theta", SITE),
        read("B", LINK, fields="free", at="-x-y-z"), inout("pi", SITE, at=HERE),
        inout("D", LINK, fields="free", at=HERE),
        sums=Sums(("trace",)),  # |grad theta|^2 + 4 a^2 V
    ),
    over_sites(
        "drift", KICK,
        real("h"), real("a"), read("pi", SITE, at=HERE), inout("theta", SITE, at=HERE),
        sums=Sums(("pi_sq",)),
    ),
    # The flow of E^2/2 of one component
    over_sites(
        "felt_magnetic", LINK_FLOW,
        integer("axis"), couplings(), read("X", LINK, components="JK", fields="felt", at="JK"),
        write("G", LINK, components="J", fields="free"),
    ),
    over_sites(
        "link_coordinate", LINK_FLOW,
        integer("axis"), real("h"), real("inv_dx"), read("theta", SITE, at="+I"),
        read("D", LINK, components="I", fields="massless", at=HERE),
        read("G", LINK, components="J", fields="massless", at="+I"),
        write("E", LINK, components="I", fields="massless"),
        inout("X", LINK, components="I", fields="massless", at=HERE),
    ),
    over_sites(
        "link_torque", LINK_FLOW,
        integer("axis"), real("h"), real("inv_dx"), read("theta", SITE, at=HERE),
        read("G", LINK, components="J", fields="free", at=HERE),
        read("E", LINK, components="I", fields="free", at="-I"),
        write("F", LINK, components="K", fields="free"), inout("pi", SITE, at=HERE),
    ),
    over_sites(
        "link_torque_drift", LINK_FLOW,
        integer("axis"), real("h"), real("inv_dx"), real("drift"), real("a"),
        read("G", LINK, components="J", fields="free", at=HERE),
        read("E", LINK, components="I", fields="free", at="-I"),
        write("F", LINK, components="K", fields="free"), inout("pi", SITE, at=HERE),
        inout("theta", SITE, at=HERE),
        sums=Sums(("pi_sq",)),
    ),
    over_sites(
        "link_momenta", LINK_FLOW,
        integer("axis"), real("h"), real("inv_dx"), couplings(),
        read("F", LINK, components="K", fields="free", at="JK"),
        inout("D", LINK, components="JK", at=HERE),
    ),
)  # fmt: skip
