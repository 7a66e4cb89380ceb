"""Fields that change slowly, fast, periodically or strongly: limits that are known otherwise."""

import resource

import numpy as np
import pytest
from scipy import constants, stats

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run.methods import carry_out
from tests.helpers.settings import BY_COLLISIONS, configured

pytestmark = pytest.mark.slow

SUB_SWARMS = 32
BASIC = ("accel=jit", "accel.threads=1", f"sim.sub_swarms={SUB_SWARMS}", *BY_COLLISIONS)


def run(*overrides: str) -> RunRecord:
    record = carry_out(configured(*BASIC, *overrides))
    assert record.perf["majorant_violations"] == 0
    assert record.attributes["relaxed"] == 1
    return record


def assert_agree(
    found: Estimate, value: FloatArray, stderr: FloatArray | float = 0.0, allowed: float = 0.0
) -> None:
    """Within both standard errors, and a share of the largest value."""
    limit = stats.t.isf(0.5 * 1e-6 / np.size(value), SUB_SWARMS - 1)
    both = limit * np.hypot(found.stderr, stderr) + allowed * np.abs(value).max()
    assert np.all(np.abs(found.value - value) <= both), (found.value - value) / both


@pytest.mark.parametrize("magnetic", [(), ("sim.bn=300", "sim.eb_angle=60")])
def test_a_sinusoid_is_that_of_an_alternating_field(magnetic: tuple[str, ...]) -> None:
    common = ("gas=argon", "sim.en=300", "sim.electrons=3200", *magnetic)
    effort = "sim.stop.real_collisions=1e6"
    alternating = run(*common, effort, "sim.frequency=2e10", "sim.phases=16")
    harmonic = run(
        *common,
        effort,
        "sim.waveform.kind=harmonics",
        "sim.waveform.frequency=2e10",
        "sim.waveform.amplitudes=[1]",
        "sim.waveform.points=256",
        "sim.waveform.bins=16",
    )
    for name in ("mean_energy", "velocity_vector", "rate_coefficient", "power_gain"):
        known = alternating.phase[name]
        assert isinstance(known, Estimate)
        error = np.nan_to_num(known.stderr)
        assert_agree(harmonic.waveform[name], known.value, error, allowed=1e-4)


def test_a_slow_waveform_gives_the_values_of_steady_fields() -> None:
    record = run(
        "gas=reid_ramp",
        "sim.electrons=1600",
        "sim.waveform.times=[0,1e-8]",
        "sim.waveform.en=[12,24]",
        "sim.waveform.bins=10",
        "sim.stop.real_collisions=2e7",
        "sim.temperature=0",
    )
    found = record.waveform
    for name in ("mean_energy", "drift_velocity", "rate_coefficient"):
        known = found[f"{name}_quasi_steady"]
        # Solutions are good to 0.1 %, and interpolated.
        for column in np.ndindex(known.shape[1:]):
            at = (slice(None), *column)
            one = Estimate(found[name].value[at], found[name].stderr[at])
            assert_agree(one, known[at], allowed=3e-3)


def test_a_fast_waveform_acts_as_the_effective_field() -> None:
    """With a constant collision frequency nu, E / sqrt(2) / sqrt(1 + (w / nu)^2)."""
    density = 101325.0 / (constants.Boltzmann * 300.0)
    nu = 1e-14 * density / 1.1
    frequency = 5.0 * nu / (2.0 * np.pi)
    gas = ("gas=maxwell", "gas.parameters.mass_ratio=0.1", "sim.thermal=true", "sim.electrons=6400")
    record = run(
        *gas,
        "sim.en=20",
        "sim.waveform.kind=harmonics",
        f"sim.waveform.frequency={frequency}",
        "sim.waveform.amplitudes=[1]",
        "sim.waveform.points=32",
        "sim.waveform.bins=8",
        "sim.stop.real_collisions=2e6",
    )
    effective = 20.0 / np.sqrt(2.0) / np.sqrt(1.0 + 25.0)
    steady = run(*gas, f"sim.en={effective}", "sim.stop.real_collisions=2e6")
    energy = steady.coefficients["mean_energy"]
    assert_agree(record.coefficients["mean_energy"], energy.value, energy.stderr, allowed=1e-3)


def test_a_pulse_that_multiplies_the_swarm_a_million_times_needs_no_more_electrons() -> None:
    """Ten times as many find the same rates at every time; memory does not grow with the swarm."""
    pulse = (
        "gas=argon",
        "sim.pressure=1400",
        "sim.en=1000",
        "sim.waveform.kind=gaussian",
        "sim.waveform.duration=10e-9",
        "sim.waveform.width=4e-9",
        "sim.waveform.bins=20",
        "sim.waveform.quasi_steady=false",
    )
    many = run(*pulse, "sim.electrons=16000", "sim.stop.real_collisions=3e7")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    few = run(*pulse, "sim.electrons=1600", "sim.stop.real_collisions=1e7")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after < 1.02 * before
    grown = many.waveform["ln_number"]
    assert 5e5 < np.exp(grown.value[-1]) < 5e7
    # Nothing grows in the first interval, but for rounding.
    assert_agree(few.waveform["ln_number"], grown.value, grown.stderr, allowed=1e-9)
    names = ("mean_energy", "drift_velocity", "effective_ionization_rate_coefficient")
    for name in names:
        known = many.waveform[name]
        assert_agree(few.waveform[name], known.value, known.stderr)
        assert np.max(known.stderr) < 0.01 * np.abs(known.value).max()
