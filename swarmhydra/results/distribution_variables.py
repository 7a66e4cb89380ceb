"""Rows of the table of variables for distributions over energies and velocities."""

from swarmhydra.results.variable import Variable, coordinate

NO_UDUNITS_POWER = "UDUNITS has no fractional powers and cannot parse this unit"


def energy_bins(group: str, comment: str = "") -> dict[str, Variable]:
    """The energy bins of a group, with what is to be said of their edges."""
    return {
        f"{group}/bin": coordinate(("bin",), "1", "number of the energy bin", dtype="int64"),
        f"{group}/edge": coordinate(
            ("edge",),
            "1",
            "number of the bin edge",
            "bin i lies between edges i and i + 1",
            "int64",
        ),
        f"{group}/energy": coordinate(("bin",), "eV", "energy at the centre of the bin"),
        f"{group}/energy_edges": coordinate(
            ("edge",), "eV", "energy at the edges of the bins", comment
        ),
    }


def velocity_rows(group: str, *dims: str) -> dict[str, Variable]:
    """The distribution over velocities in a group, resolved along some dimensions."""
    return {
        f"{group}/l": coordinate(("l",), "1", "order of the Legendre polynomial", dtype="int64"),
        f"{group}/f_l": Variable(
            (*dims, "l", "bin"),
            "eV^(-3/2)",
            "Legendre coefficients of the velocity distribution",
            f"f_l of f = sum of f_l P_l(cos(theta)), theta from +z; {NO_UDUNITS_POWER}",
        ),
        f"{group}/v_along": coordinate(
            ("v_along",), "m s-1", "velocity along +z", "at the middle of the cell"
        ),
        f"{group}/v_across": coordinate(
            ("v_across",), "m s-1", "velocity across z", "at the middle of the cell"
        ),
        f"{group}/evdf": Variable(
            (*dims, "v_along", "v_across"),
            "s3 m-3",
            "velocity distribution function",
            "f(v_par, v_perp), sum of f_l P_l up to sim.evdf.l_max, around z the mean, averaged "
            "over the cell; its integral over all velocities, 2 pi v_perp dv_perp dv_par, is 1",
        ),
    }


EEDF = {
    **energy_bins("eedf"),
    "eedf/eedf": Variable(
        ("bin",), "eV-1", "energy distribution function", "its integral over energy is 1"
    ),
    "eedf/eepf": Variable(
        ("bin",),
        "eV^(-3/2)",
        "energy probability function",
        f"f0 = eedf / sqrt(energy); {NO_UDUNITS_POWER}",
    ),
    "eedf/f1": Variable(
        ("bin",),
        "eV^(-3/2)",
        "first anisotropy",
        f"f1 of f = f0 + f1 cos(theta), theta from +z; {NO_UDUNITS_POWER}",
    ),
    **velocity_rows("eedf"),
}
