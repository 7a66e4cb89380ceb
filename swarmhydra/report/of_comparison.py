"""The section of a page that compares two results."""

from __future__ import annotations

import math

from swarmhydra.report.cells import units
from swarmhydra.report.content import Section, Table, Text
from swarmhydra.results.compare import Comparison


def section_of_comparison(comparison: Comparison) -> Section:
    """Both results side by side, with their differences in units of their errors."""
    rows = [
        (name, first, second, units(unit), percent, deviation)
        for name, first, second, unit, percent, deviation in comparison.rows()
    ]
    head = ("", *comparison.labels, "unit", "difference (%)", "in combined errors")
    largest = comparison.largest
    words = "No difference has an error."
    if not math.isnan(largest):
        words = f"The largest difference is {largest:.1f} combined errors."
    return Section("Comparison", [Table(head, rows), Text(words)])
