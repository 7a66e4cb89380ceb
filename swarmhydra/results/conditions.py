"""The conditions of a run in a few words, as they stand in every heading."""

from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from swarmhydra.results.mixtures import FROM_FILES, mixture_words
from swarmhydra.results.variables import VARIABLES

CONDITIONS = (
    "gas",
    "en",
    "bn",
    "eb_angle",
    "frequency",
    "temperature",
    "pressure",
    "method",
    "accel",
    "seed",
)
"""Coordinates that a heading shows, in this order."""

_NAMED = ("method", "accel", "seed", "bn", "eb_angle", "frequency")
"""Coordinates that the unit alone does not tell from others."""


def condition_words(values: Mapping[str, Any], names: Sequence[str] = CONDITIONS) -> list[str]:
    """Conditions as words, such as ``["argon", "100 Td", "300 K"]``.

    Parameters
    ----------
    values : mapping of str to float, int or str
        The conditions by the names of the result file; others are left out.
    names : sequence of str, optional
        Which of them to show, in this order.

    Returns
    -------
    list of str
        Without the fields that are absent: a magnetic field or a frequency of zero; of a solution
        of the Boltzmann equation also without what only a simulation has.

    Examples
    --------
    >>> condition_words({"gas": "argon", "en": 100.0, "bn": 0.0, "eb_angle": 90.0, "seed": 1})
    ['argon', '100 Td', 'seed 1']
    """
    absent = {"bn", "eb_angle"} if not values.get("bn") else set()
    if not values.get("frequency"):
        absent.add("frequency")
    if values.get("method") == "boltzmann":
        absent |= {"accel", "seed"}
    words = []
    for name in names:
        if name not in values or name in absent:
            continue
        label = f"{name} " if name in _NAMED else ""
        units = VARIABLES[name].units
        words.append(f"{label}{shown(values[name])}" + ("" if units == "1" else f" {units}"))
    return words


def conditions_of(results: xr.DataTree | xr.Dataset) -> dict[str, Any]:
    """The conditions that all runs of a result share, by name.

    Parameters
    ----------
    results : xarray.DataTree or Dataset
        A run or a sweep, or its coefficients.

    Returns
    -------
    dict
        Of a mixture the ``gas`` is its components, with their shares if all runs have the same; so
        is that of a gas from files which was given no name of its own.
    """
    shared = {
        name: results[name].item()
        for name in CONDITIONS
        if name in results.coords and not results[name].dims
    }
    names = results.coords["component"].values.tolist() if "component" in results.coords else []
    if "gas" in shared and (len(names) > 1 or (names and shared["gas"] == FROM_FILES)):
        fraction = results.coords["fraction"]
        if fraction.dims == ("component",):
            shared["gas"] = mixture_words(names, fraction.values.tolist())
        else:
            shared["gas"] = " + ".join(names)
    return shared


def shown(value: Any) -> str:
    """A setting as a person writes it, without losing a digit that matters."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
