"""A result tree that shows its coefficients where others show how they are stored."""

from html import escape

import xarray as xr

from swarmhydra.results.summary import summary
from swarmhydra.results.sweep_table import sweep_table


class Result(xr.DataTree):  # type: ignore[no-untyped-call]
    """The tree of a run or a sweep; all that is computed from it is a plain tree.

    In a notebook and in an interactive session it shows what was run, with the coefficients or a
    row for each job, and then its groups and variables as xarray shows them.
    """

    __slots__ = ()

    def __repr__(self) -> str:  # type: ignore[override]
        """The table, and the names of the groups."""
        table = self._table()
        if not table:
            return super().__repr__()
        groups = ", ".join(self.children)
        return f"{table}\n<{type(self).__name__}: xarray.DataTree with the groups {groups}>"

    def _repr_html_(self) -> str:
        """The table, and what xarray shows, folded."""
        tree = str(super()._repr_html_())  # type: ignore[no-untyped-call]
        table = self._table()
        if not table:
            return tree
        return (
            f"<pre>{escape(table)}</pre>"
            f"<details><summary>All variables and attributes</summary>{tree}</details>"
        )

    def _table(self) -> str:
        """What a person wants to see first; empty for a group, or a part of a result."""
        if self.parent is not None or "mean_energy" not in self.data_vars:
            return ""
        try:
            if not self["mean_energy"].dims:
                return summary(self)
            return sweep_table(self) if self["mean_energy"].dims == ("job",) else ""
        except (KeyError, ValueError):
            # Variables that a user took away; a result can always be shown.
            return ""
