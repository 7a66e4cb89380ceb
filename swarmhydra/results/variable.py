"""A row of the table of variables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One row of the table.

    Parameters
    ----------
    dims : tuple of str
        Names of the dimensions; empty for a scalar.
    units : str
        UDUNITS string, ``"1"`` for what has no dimension.
    long_name : str
        What it is, in words; also the label in the summary.
    comment : str
        How it is defined or measured, where the name does not say.
    dtype : str
        NumPy type in memory and in the file; ``"str"`` for text.
    coordinate : bool
        Whether it labels the data (an xarray coordinate) instead of being data.
    """

    dims: tuple[str, ...]
    units: str
    long_name: str
    comment: str = ""
    dtype: str = "float64"
    coordinate: bool = False


def coordinate(
    dims: tuple[str, ...], units: str, long_name: str, comment: str = "", dtype: str = "float64"
) -> Variable:
    """Return the row of a coordinate."""
    return Variable(dims, units, long_name, comment, dtype, coordinate=True)
