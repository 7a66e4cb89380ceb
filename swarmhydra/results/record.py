"""What a run hands over: plain arrays with errors, before they are named, described and stored."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray

STATISTICAL = "statistical"
"""Errors from the spread over independent sub-swarms: one standard error."""

NUMERICAL = "numerical"
"""Errors from the change with a finer grid and more Legendre terms."""


@dataclass(frozen=True)
class Estimate:
    """A measured quantity with its standard error.

    Parameters
    ----------
    value, stderr : ndarray of float64
        Same shape and unit, 0-d for a scalar; NaN where nothing could be measured.
    pseudo_values : ndarray of float64, shape (S, ...), or None
        What each sub-swarm adds: their spread gives the error, and their mean is the value, but for
        its bias of the order of 1/S. With the function f of the sums, S f(all) - (S - 1) f(all but
        one) (jackknife; Tukey, 1958).
    sampled : Estimate or None
        For a value by control variates: the same coefficient as it was sampled.
    pull : ndarray or None
        Difference of the two in standard errors of the sampled one.
    controlled : bool
        Whether the value is by control variates.
    from_cross_sections : ndarray of float64 or None
        Standard error that comes from the uncertainty of the cross sections.
    """

    value: FloatArray
    stderr: FloatArray
    pseudo_values: FloatArray | None = None
    sampled: "Estimate | None" = None
    pull: FloatArray | None = None
    controlled: bool = False
    from_cross_sections: FloatArray | None = None


@dataclass(frozen=True)
class RunRecord:
    """Everything a run hands over, as plain arrays under the names of the variable table.

    Names may be missing, but each must have a row in `swarmhydra.results.variables`.

    Parameters
    ----------
    coefficients : dict of str to Estimate
        Transport and rate coefficients of the root group.
    processes : dict of str to list
        ``name``, ``kind``, ``target``, ``provenance`` (text) and ``threshold`` (eV), one entry per
        process.
    extra_processes : dict of str to list
        ``name`` and ``target`` of the processes that do not act on the electrons.
    components : dict of str to float
        Share of all gas particles of each component of the gas.
    phase : dict of str to Estimate or ndarray
        ``phase`` (n,) and estimates in the parts of the period of an alternating field; empty for
        a steady one.
    waveform : dict of str to Estimate or ndarray
        ``time`` (n,), ``time_edges`` (n + 1,) and estimates in the intervals of a waveform;
        ``energy_edges`` (m + 1,) and distributions (n, m); empty without one.
    eedf : dict of str to Estimate or ndarray
        ``energy_edges`` (n + 1,) in eV; ``eedf``, ``eepf`` and ``f1`` as estimates (n,), ``f_l``
        (orders, n).
    time_series : dict of str to ndarray
        One entry per sample; empty for a method that has no time.
    perf_stages : dict of str to ndarray
        One entry per ``stage``; without that key in the order of `kernels.contract.STAGES`.
    perf : dict of str to float or int
        Totals of the run.
    rng : dict
        ``bit_generator`` (text), ``entropy`` (int of any size) and the uint64 arrays
        ``spawn_keys`` (S, k), ``initial_state`` and ``final_state`` (S, 4, 4); empty for a method
        that draws none.
    coordinates : dict of str to float, int or str
        What was set for the run: scalar coordinates of the root group.
    attributes : dict of str to str, float or int
        Attributes of the root group. ``degrees_of_freedom`` must be there if errors are
        statistical; ``history``, the command that made the run, gets the time put before it.
    electron_time : ndarray of float64, shape (S,), or None
        What the pseudo-values of each sub-swarm weigh: the time of the measurement, summed over
        electrons, in equal parts (s).
    why_unset : dict of str to str
        The reason for each coefficient that is NaN on purpose, shown in its place.
    sensitivity : dict of str to Estimate or ndarray
        Logarithmic derivatives of ``coefficient`` (C,), as named in the variable table; empty
        where none were asked for.
    error_kind : str
        `STATISTICAL` or `NUMERICAL`.
    """

    coefficients: dict[str, Estimate]
    processes: dict[str, list[Any]]
    eedf: dict[str, Estimate | NDArray[Any]]
    time_series: dict[str, NDArray[Any]]
    perf_stages: dict[str, NDArray[Any]]
    perf: dict[str, float | int]
    rng: dict[str, Any]
    coordinates: dict[str, float | int | str]
    attributes: dict[str, str | float | int]
    extra_processes: dict[str, list[Any]] = field(default_factory=dict)
    components: dict[str, float] = field(default_factory=dict)
    phase: dict[str, Estimate | NDArray[Any]] = field(default_factory=dict)
    waveform: dict[str, Estimate | NDArray[Any]] = field(default_factory=dict)
    electron_time: FloatArray | None = None
    why_unset: dict[str, str] = field(default_factory=dict)
    sensitivity: dict[str, Estimate | NDArray[Any]] = field(default_factory=dict)
    error_kind: str = STATISTICAL
