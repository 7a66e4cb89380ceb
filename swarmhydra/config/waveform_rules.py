"""The rules between the settings of an electric field that changes in time."""

from __future__ import annotations

from itertools import pairwise

from swarmhydra.config.messages import shown
from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.schema import Config, Method, SimConfig
from swarmhydra.config.waveform_points import require_ascending, waveform_points
from swarmhydra.config.waveform_schema import NEEDED, USED, WaveformConfig

SHORTEST, LONGEST = 1e-30, 1e20
"""Durations (s) between which squares of times and distances are far from the limits of
floating-point numbers."""

SHORTEST_INTERVAL = 1e-9
"""Shortest interval of the results, over the duration: times differ by more than rounding."""


def check_waveform(config: Config) -> None:
    """The rules that hold whatever a file of points contains.

    Raises
    ------
    ConfigError
        Names, in one line, the key at fault, its value and what is expected.
    """
    sim = config.sim
    waveform = sim.waveform
    if not waveform.is_set:
        _refuse_parameters(waveform, (), "sim.waveform without times, file and kind")
        _refuse_course(waveform)
        return
    _check_source(waveform)
    if waveform.kind is not None:
        _check_shape(waveform, waveform.kind)
    elif waveform.file is None:
        _check_points(waveform)
    require_ascending("sim.waveform.edges", waveform.edges)
    if config.method.kind is Method.boltzmann:
        raise ConfigError(
            f"sim.waveform with method={config.method.name}: expected a steady electric field, or "
            "method=monte_carlo"
        )
    for key, value in (("frequency", sim.frequency), ("window", sim.window)):
        if value:
            raise ConfigError(
                f"sim.{key}={shown(value)} with sim.waveform: expected one of the two"
            )


def check_waveform_in_time(sim: SimConfig) -> None:
    """The rules that need the points, from a file where there is one.

    Raises
    ------
    ConfigError
        As `check_waveform`.
    """
    waveform = sim.waveform
    if not waveform.is_set:
        return
    if waveform.frequency is not None:
        _check_duration(1.0 / waveform.frequency)
    times, en = waveform_points(sim)
    duration, limit = times[-1], sim.stop.simulated_time
    _check_duration(duration)
    if limit is not None and duration > limit:
        raise ConfigError(
            f"sim.waveform takes {duration:g} s, sim.stop.simulated_time={limit:g} s ends the run "
            "before: expected a shorter waveform, or a longer run"
        )
    if not any(en):
        raise ConfigError("sim.waveform is 0 Td at all times: expected a field")
    if en[0] == 0.0 and _waits_for_steady_state(waveform):
        at_rest = {"temperature=0": sim.temperature == 0.0, "thermal=false": sim.thermal == "false"}
        for key in (key for key, holds in at_rest.items() if holds):
            raise ConfigError(
                f"sim.waveform starts at 0 Td with sim.{key}: expected a field at the start, a gas "
                "in motion, or sim.waveform.begin=given"
            )
    _check_edges(waveform.edges, duration)


def _check_duration(duration: float) -> None:
    """Refuse durations (s) that leave no digits, or overflow."""
    if not SHORTEST <= duration <= LONGEST:
        raise ConfigError(
            f"sim.waveform takes {duration:g} s: expected {SHORTEST:g} to {LONGEST:g} s"
        )


def _check_edges(edges: list[float], duration: float) -> None:
    """Edges from zero to at most the end of the waveform (s), with a distance between them."""
    if edges and not (len(edges) >= 2 and edges[0] == 0.0 and edges[-1] <= duration * (1 + 1e-9)):
        raise ConfigError(
            f"sim.waveform.edges={edges}: expected at least two times, from 0 to at most "
            f"{duration:g} (s)"
        )
    for index, (before, edge) in enumerate(pairwise(edges), start=1):
        if edge - before < SHORTEST_INTERVAL * duration:
            raise ConfigError(
                f"sim.waveform.edges[{index}]={edge:g}: expected at least "
                f"{SHORTEST_INTERVAL * duration:g} s after the one before it, {before:g} (s)"
            )


def _waits_for_steady_state(waveform: WaveformConfig) -> bool:
    """Whether a pass starts from the steady state in the first field."""
    return waveform.begin == "steady" and not waveform.repeats


def _check_source(waveform: WaveformConfig) -> None:
    """Points, a file or a shape."""
    sources = {
        "times": bool(waveform.times or waveform.en),
        "file": waveform.file is not None,
        "kind": waveform.kind is not None,
    }
    names = [name for name, is_given in sources.items() if is_given]
    if len(names) > 1:
        raise ConfigError(
            f"sim.waveform has {' and '.join(names)}: expected times with en, or a file, or a kind"
        )
    if waveform.begin == "given" and waveform.repeats:
        raise ConfigError(
            "sim.waveform.begin=given with a field that repeats itself: expected steady"
        )


def _check_points(waveform: WaveformConfig) -> None:
    """Ascending times with a field each."""
    times, en = waveform.times, waveform.en
    if len(times) != len(en) or len(times) < 2:
        raise ConfigError(
            f"sim.waveform.en has {len(en)} values for {len(times)} times: expected one for each "
            "of at least two times"
        )
    require_ascending("sim.waveform.times", times)
    _refuse_parameters(waveform, (), "sim.waveform.times")


def _check_shape(waveform: WaveformConfig, kind: str) -> None:
    """A shape has all that it needs, and nothing else."""
    for name in NEEDED[kind]:
        if not getattr(waveform, name):
            raise ConfigError(
                f"sim.waveform.{name}={shown(getattr(waveform, name))} with "
                f"sim.waveform.kind={kind}: expected a value"
            )
    _refuse_parameters(waveform, USED[kind], f"sim.waveform.kind={kind}")
    if len(waveform.phases) > len(waveform.amplitudes):
        raise ConfigError(
            f"sim.waveform.phases={waveform.phases} with {len(waveform.amplitudes)} amplitudes: "
            "expected one for each of them at most"
        )
    duration, start = waveform.duration, waveform.start
    if duration is not None and start >= duration:
        raise ConfigError(
            f"sim.waveform.start={start:g}: expected a time below sim.waveform.duration="
            f"{duration:g} (s)"
        )


def _refuse_course(waveform: WaveformConfig) -> None:
    """Refuse what says how a waveform is gone through where there is none."""
    unset = WaveformConfig()
    for name in ("periodic", "begin", "bins", "edges"):
        value = getattr(waveform, name)
        if value != getattr(unset, name):
            raise ConfigError(
                f"sim.waveform.{name}={shown(value)} without a waveform: expected only with "
                "sim.waveform.times and en, a file or a kind"
            )


def _refuse_parameters(waveform: WaveformConfig, applicable: tuple[str, ...], where: str) -> None:
    """Refuse parameters of shapes that would have no effect."""
    unset = WaveformConfig()
    for name in sorted({name for names in USED.values() for name in names} - set(applicable)):
        value = getattr(waveform, name)
        if value != getattr(unset, name):
            raise ConfigError(
                f"sim.waveform.{name}={shown(value)} with {where}: expected only with "
                f"sim.waveform.kind={', '.join(k for k in USED if name in USED[k])}"
            )
