"""Kernels of the conducting field, the last one."""

from darklat.kernels.declarations.alp_gauge import couplings, higher_order, second_order
from darklat.kernels.declare import (
    HERE,
    Source,
    Sums,
    inout,
    integer,
    over_sites,
    read,
    real,
    write,
)
from darklat.kernels.layout import LINK, SITE, VECTOR

CONDUCTION = Source("conduction.cu", needed=lambda variant: variant.conducting)
SECOND_ORDER = Source(
    "second_order_conduction.cu",
    needed=lambda variant: variant.conducting and second_order(variant),
)
MEANS = Source(
    "conduction_means.cu", needed=lambda variant: variant.conducting and higher_order(variant)
)
GAUSS = ("gauss", "gauss_terms")  # squares of the residual and of the magnitudes of its terms

KERNELS = (
    over_sites(
        "source_magnetic", SECOND_ORDER, couplings(), read("X", LINK, fields="sources"),
        write("M", VECTOR),
    ),
    over_sites(
        "relax", CONDUCTION,
        real("decay"), real("gain"), real("current_E"), real("current_G"), real("heat_EE"),
        real("heat_EG"), real("heat_GG"), real("inv_dx"),
        read("theta", SITE, at="+x+y+z"), read("M", VECTOR, at="+x+y+z"),
        inout("E", LINK, fields="conducting", at=HERE),
        inout("D", LINK, fields="conducting", at=HERE), inout("Q", VECTOR, at=HERE),
        sums=Sums(("heat",)),
    ),
    over_sites(
        "conducting_plaquettes", CONDUCTION, read("X", LINK, fields="conducting", at="+x+y+z"),
        write("B", VECTOR),
    ),
    over_sites(
        "conducting_kick", CONDUCTION,
        real("h"), real("inv_dx"), read("B", VECTOR, at="-x-y-z"),
        inout("D", LINK, fields="conducting", at=HERE),
    ),
    over_sites(
        "conducting_coordinate", CONDUCTION,
        real("hx"), real("hy"), real("hz"), read("E", LINK, fields="conducting", at=HERE),
        inout("X", LINK, fields="conducting", at=HERE),
    ),
    over_sites(
        "conducting_torque", CONDUCTION,
        real("hx"), real("hy"), real("hz"), real("inv_dx"), read("theta", SITE, at=HERE),
        read("E", LINK, fields="conducting", at="-x-y-z"), inout("M", VECTOR, at=HERE),
        inout("pi", SITE, at=HERE),
    ),
    over_sites(
        "conducting_momenta", SECOND_ORDER,
        real("hx"), real("hy"), real("hz"), real("inv_dx"), couplings(), read("F", VECTOR),
        inout("D", LINK, at=HERE),
    ),
    over_sites(
        "charge_residual", CONDUCTION,
        read("E", LINK, fields="conducting", at="-x-y-z"),
        read("D", LINK, fields="conducting", at="-x-y-z"), read("Q", VECTOR, at="-x-y-z"),
        sums=Sums(GAUSS),
    ),
    # source_magnetic and conducting_momenta at higher orders, one component after the other
    over_sites(
        "source_means", MEANS,
        integer("axis"), couplings(),
        read("X", LINK, components="JK", fields="sources", at="-J-K"),
        write("U", VECTOR, components="JK"),
    ),
    over_sites(
        "source_of_means", MEANS,
        integer("axis"), read("U", VECTOR, components="JK", at="JK"),
        write("M", VECTOR, components="I"),
    ),
    over_sites(
        "conducting_means", MEANS,
        integer("axis"), read("F", VECTOR, components="I", at="+J+K"),
        write("V", VECTOR, components="JK"),
    ),
    over_sites(
        "conducting_momenta_of_means", MEANS,
        integer("axis"), real("h"), real("inv_dx"), couplings(),
        read("V", VECTOR, components="JK", at="JK"),
        inout("D", LINK, components="JK", at=HERE),
    ),
)  # fmt: skip
