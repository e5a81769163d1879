"""Kernels of the conducting field, the last one."""

from darklat.kernels.declarations.alp_gauge import couplings
from darklat.kernels.declare import HERE, Source, Sums, inout, over_sites, read, real, write
from darklat.kernels.layout import LINK, SITE, VECTOR

CONDUCTION = Source("conduction.cu", needed=lambda variant: variant.conducting)
GAUSS = ("gauss", "gauss_terms")  # squares of the residual and of the magnitudes of its terms

KERNELS = (
    over_sites(
        "source_magnetic", CONDUCTION, couplings(), read("X", LINK, fields="sources"),
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
        read("M", VECTOR, at=HERE), read("E", LINK, fields="conducting", at="-x-y-z"),
        write("F", VECTOR), inout("pi", SITE, at=HERE),
    ),
    over_sites(
        "conducting_momenta", CONDUCTION,
        real("hx"), real("hy"), real("hz"), real("inv_dx"), couplings(), read("F", VECTOR),
        inout("D", LINK, at=HERE),
    ),
    over_sites(
        "charge_residual", CONDUCTION,
        read("E", LINK, fields="conducting", at="-x-y-z"),
        read("D", LINK, fields="conducting", at="-x-y-z"), read("Q", VECTOR, at="-x-y-z"),
        sums=Sums(GAUSS),
    ),
)  # fmt: skip
