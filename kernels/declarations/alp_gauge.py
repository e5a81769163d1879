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
from darklat.kernels.layout import LINK, SITE, Variant


def second_order(variant: Variant) -> bool:
    """Whether products of operators are read straight from a field (second_order.h)."""
    return variant.order == 2


def higher_order(variant: Variant) -> bool:
    """Whether the means between the operators of a product are stored (link_means.cu)."""
    return not second_order(variant)


def in_registers(variant: Variant) -> bool:
    """Whether Runge-Kutta schemes in two registers step these fields: an ALP and massless ones."""
    return not variant.massive and not variant.conducting


def second_order_in_registers(variant: Variant) -> bool:
    """The same, at order 2."""
    return in_registers(variant) and second_order(variant)


KICK, LINK_FLOW = Source("kick.cu"), Source("link_flow.cu")
SECOND_ORDER_FLOW = Source("second_order_flow.cu", needed=second_order)
LINK_MEANS = Source("link_means.cu", needed=higher_order)
REGISTERS = Source(
    "registers.cu", needed=lambda variant: in_registers(variant) and higher_order(variant)
)


def couplings() -> ArrayArgument:
    """g_ab of all gauge fields, [F, F]."""

    def length(call: Call) -> int:
        return call.layout.gauge_fields**2

    return read_array("g", REAL, length=length)


KERNELS = (
    over_sites(
        "electric", Source("electric.cu", needed=second_order),
        real("inv_dx"), couplings(), read("theta", SITE, at="+x+y+z"),
        read("X", LINK, fields="felt"), read("D", LINK, fields="free", at=HERE),
        write("E", LINK, fields="free"),
    ),
    # A stage of a Runge-Kutta scheme in two registers at order 2
    over_sites(
        "momenta", Source("momenta.cu", needed=second_order_in_registers),
        real("A"), real("B"), real("dt"), real("a"), real("mass_squared"), real("inv_dx"),
        couplings(), read("theta", SITE), read("X", LINK), read("E", LINK),
        inout("pi", SITE, at=HERE), inout("D", LINK, at=HERE),
        inout("k_theta", SITE, at=HERE), inout("k_pi", SITE, at=HERE), inout("k_D", LINK, at=HERE),
        sums=Sums(("pi_sq", "grad_sq", "potential")),
    ),
    over_sites(
        "coordinates", Source("coordinates.cu", needed=second_order_in_registers),
        real("A"), real("B"), real("dt"), read("E", LINK, at=HERE), read("k_theta", SITE, at=HERE),
        inout("k_X", LINK, at=HERE), inout("theta", SITE, at=HERE), inout("X", LINK, at=HERE),
    ),
    # The beginning and the end of a stage at higher orders
    over_sites(
        "open_stage", REGISTERS,
        real("A"), real("dt"), real("a"), read("pi", SITE, at=HERE),
        inout("k_theta", SITE, at=HERE), inout("k_pi", SITE, at=HERE), inout("k_X", LINK, at=HERE),
        inout("k_D", LINK, at=HERE),
        sums=Sums(("pi_sq",)),
    ),
    over_sites(
        "close_stage", REGISTERS,
        real("B"), read("k_theta", SITE, at=HERE), read("k_pi", SITE, at=HERE),
        read("k_X", LINK, at=HERE), read("k_D", LINK, at=HERE), inout("theta", SITE, at=HERE),
        inout("pi", SITE, at=HERE), inout("X", LINK, at=HERE), inout("D", LINK, at=HERE),
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
        "felt_magnetic", SECOND_ORDER_FLOW,
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
        "link_momenta", SECOND_ORDER_FLOW,
        integer("axis"), real("h"), real("inv_dx"), couplings(),
        read("F", LINK, components="K", fields="free", at="JK"),
        inout("D", LINK, components="JK", at=HERE),
    ),
    # The same flow at higher orders; and E of one component
    over_sites(
        "felt_means", LINK_MEANS,
        integer("axis"), couplings(), read("X", LINK, components="JK", fields="felt", at="-J-K"),
        write("U", LINK, components="IK", fields="free"),
    ),
    over_sites(
        "felt_of_means", LINK_MEANS,
        integer("axis"), read("U", LINK, components="IK", fields="free", at="JK"),
        write("G", LINK, components="J", fields="free"),
    ),
    over_sites(
        "force_means", LINK_MEANS,
        integer("axis"), read("F", LINK, components="K", fields="free", at="+J+K"),
        write("V", LINK, components="IJ", fields="free"),
    ),
    over_sites(
        "momenta_of_means", LINK_MEANS,
        integer("axis"), real("h"), real("inv_dx"), couplings(),
        read("V", LINK, components="IJ", fields="free", at="JK"),
        inout("D", LINK, components="JK", at=HERE),
    ),
    over_sites(
        "electric_of_felt", LINK_MEANS,
        integer("axis"), real("inv_dx"), read("theta", SITE, at="+I"),
        read("G", LINK, components="J", fields="free", at="+I"),
        read("D", LINK, components="I", fields="free", at=HERE),
        write("E", LINK, components="I", fields="free"),
    ),
)  # fmt: skip
