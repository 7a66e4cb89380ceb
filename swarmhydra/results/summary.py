"""The compact table of a result for the terminal."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xarray as xr
from tabulate import tabulate

from swarmhydra.results.conditions import condition_words, conditions_of
from swarmhydra.results.printable import printable
from swarmhydra.results.record import NUMERICAL
from swarmhydra.results.variables import VARIABLES

# Relative errors below this are rounding of doubles, not statistics.
_NEGLIGIBLE = 1e-12
_UNKNOWN = "—"


def summary(tree: xr.DataTree) -> str:
    """Return the coefficients of a run as an aligned table.

    Errors are rounded to two digits, values to the same place; both share one power of ten.
    Scalars and the rate coefficient of each process are listed, vectors and tensors are not. A
    second table says what each process costs and where its cross section is from.

    Parameters
    ----------
    tree : xarray.DataTree
        From `build_tree` or `open_run`.

    Returns
    -------
    str
        Lines without a final newline: what was run, the table, and what to beware of.
    """
    rows = []
    for path, row in VARIABLES.items():
        if "/" in path or row.coordinate or path not in tree.data_vars:
            continue
        if row.dims == ():
            rows.append(_table_row(tree, path, row.long_name, {}))
        elif path == "rate_coefficient":
            rows += _rates(tree, path)
    lines = [
        ", ".join(condition_words(conditions_of(tree))),
        *_aligned(rows, ("left", "right", "center", "right", "left", "right")),
        *_processes(tree),
        *_remarks(tree),
    ]
    return printable("\n".join(lines))


def _rates(tree: xr.DataTree, name: str) -> list[tuple[str, ...]]:
    """A row for each process, and one for all without a collision."""
    root = tree.to_dataset()
    value, stderr = root[name].values, root[f"{name}_stderr"].values
    never = [i for i in range(value.size) if value[i] == 0.0 and not stderr[i] > 0.0]
    indices = (
        [i for i in range(value.size) if i not in never] if len(never) > 1 else range(value.size)
    )
    names = tree.coords["process"].values
    rows = [_table_row(tree, name, f"rate of {names[i]}", {"process": i}) for i in indices]
    if len(never) > 1:
        row = _table_row(tree, name, f"rate of each of {len(never)} others", {"process": never[0]})
        rows.append((*row[:4], f"{row[4]}, no collision", *row[5:]))
    return rows


def _aligned(rows: Sequence[Sequence[str]], sides: Sequence[str]) -> list[str]:
    """The lines of a table without a head."""
    text = tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=sides)
    return [line.rstrip() for line in text.splitlines()]


def _processes(tree: xr.DataTree) -> list[str]:
    """List the processes with kind, threshold and origin; one of several gets a number instead."""
    columns = ("process", "kind", "threshold", "provenance")
    if any(name not in tree.coords for name in columns):
        return []
    count = Counter(str(text) for text in tree.coords["provenance"].values if text)
    shared = [text for text, times in count.items() if times > 1]
    rows = []
    for process, kind, threshold, origin in zip(
        *(tree.coords[name].values for name in columns), strict=True
    ):
        source = f"[{shared.index(origin) + 1}]" if origin in shared else str(origin)
        rows.append((str(process), str(kind), f"{threshold:g} eV" if threshold else "", source))
    table = _aligned(rows, ("left", "left", "right", "left"))
    return [*table, *(f"[{number}] {text}" for number, text in enumerate(shared, 1))]


def _table_row(tree: xr.DataTree, name: str, label: str, index: dict[str, int]) -> tuple[str, ...]:
    """Return label, value, ±, error, unit (or why there is no value), error by cross sections."""
    variable = tree[name]
    value = float(variable.isel(index).item())
    stderr = float(tree[f"{name}_stderr"].isel(index).item())
    if math.isnan(value):
        return label, _UNKNOWN, "", "", _why_unset(tree, name), ""
    value_text, stderr_text, exponent = rounded(value, stderr)
    power = f"×10^{exponent} " if exponent else ""
    unit = f"{power}{VARIABLES[name].units}"
    return label, value_text, "±", stderr_text, unit, by_cross_sections(tree, name, index)


def by_cross_sections(tree: xr.DataTree, name: str, index: dict[str, int]) -> str:
    """The relative error by the uncertainty of cross sections, where that is known."""
    beside = f"{name}_from_cross_sections"
    if beside not in tree.data_vars:
        return ""
    value, error = (abs(float(tree[each].isel(index).item())) for each in (name, beside))
    return f"± {100.0 * error / value:.2g} % by cross sections" if value > 0.0 else ""


def error_words(attributes: Mapping[Any, Any]) -> str:
    """What the errors of a result are, from the attributes of its root group."""
    if attributes.get("error_kind") == NUMERICAL:
        terms = attributes.get("legendre_terms", "?")
        return f"numerical error; {terms} Legendre terms, {attributes.get('grid_cells', '?')} cells"
    freedom = attributes.get("degrees_of_freedom", "an unknown number of")
    return f"one standard error, {freedom} degrees of freedom"


def _why_unset(tree: xr.DataTree, name: str) -> str:
    """Return why a coefficient is NaN, as far as the run knows."""
    reason = str(tree[name].attrs.get("why_unset", ""))
    return reason or ("not relaxed" if tree.attrs.get("relaxed", 1) == 0 else "")


def rounded(value: float, stderr: float) -> tuple[str, str, int]:
    """Return value and error, rounded to the error's two digits, and their power of ten.

    Examples
    --------
    >>> rounded(74933.0, 214.0)
    ('7.493', '0.021', 4)
    >>> rounded(1.5884e-13, 1.6e-16)
    ('1.5884', '0.0016', -13)
    """
    if not (math.isfinite(value) and math.isfinite(stderr)):
        return f"{value:.6g}", _UNKNOWN if math.isnan(stderr) else f"{stderr:.2g}", 0
    if stderr <= _NEGLIGIBLE * abs(value):
        return f"{value:.6g}", "0", 0
    # The last digit after rounding: 0.0996 becomes 0.10, which ends one place higher than 0.0996.
    last_place = _decade(f"{stderr:.1e}") - 1
    decade = _decade(f"{max(abs(value), stderr):.1e}")
    exponent = 0 if -2 <= decade <= 5 and last_place <= 0 else decade
    digits = max(exponent - last_place, 0)
    return _fixed(value, exponent, digits), _fixed(stderr, exponent, digits), exponent


def _decade(scientific: str) -> int:
    """Return the exponent of a number written as 1.2e+03."""
    return int(scientific.partition("e")[2])


def _fixed(number: float, exponent: int, digits: int) -> str:
    """Write number / 10^exponent with so many decimals, without a minus before zero."""
    return f"{Decimal(number).scaleb(-exponent):z.{digits}f}"


def _remarks(tree: xr.DataTree) -> list[str]:
    """Say what the errors rest on, and what makes the result doubtful."""
    attributes = tree.attrs
    remarks = [f"± {error_words(attributes)}"]
    if attributes.get("relaxed", 1) == 0:
        remarks.append("warning: the swarm did not relax before it was measured")
    violations = tree["perf"].get("majorant_violations")
    if violations is not None and int(violations) > 0:
        remarks.append(f"warning: {int(violations)} trials above the collision-frequency bound")
    if attributes.get("warnings"):
        remarks.append(f"warning: {attributes['warnings']}")
    return remarks
