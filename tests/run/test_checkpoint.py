"""A run goes on where it was, to the bit, or says why it cannot."""

import json
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swarmhydra.config import Config, ConfigError, fingerprint
from swarmhydra.kernels import contract
from swarmhydra.results.record import RunRecord
from swarmhydra.run import checkpoint
from swarmhydra.run.monitor import JobMonitor
from swarmhydra.run.simulation import Interrupted, run
from swarmhydra.run.stop_signals import StopSignals
from swarmhydra.swarm import ensemble
from tests.helpers.settings import BY_COLLISIONS, COMPILED, FASTEST, SAMPLED, configured

SHORT = (
    *FASTEST,
    "sim=quick",
    "sim.electrons=64",
    "sim.sub_swarms=4",
    *BY_COLLISIONS,
    f"sim.stop.real_collisions={1e5 if COMPILED else 2e4}",
)


CONTROLLED = ("sim.en=500",)
"""A run with control variates, which has nothing to wait for but displacements."""


class StopAt:
    """Asks a run to stop at its n-th chance."""

    def __init__(self, path: Path, number: int) -> None:
        self._path, self._number = path, number
        self.chances = 0

    @property
    def stop_requested(self) -> bool:
        return self.chances == self._number

    def checkpoint_due(self) -> bool:
        self.chances += 1
        return self.stop_requested

    def save(self, state: Mapping[str, Any]) -> None:
        checkpoint.write(self._path, state, "mark")


class StopInMeasurement(StopAt):
    """Asks for a checkpoint at every chance, and for the run to stop when it measures."""

    def checkpoint_due(self) -> bool:
        return True

    def save(self, state: Mapping[str, Any]) -> None:
        if state["stage"].get("measured", 0) > 1:
            self.chances = self._number


def short(*overrides: str) -> Config:
    return configured(*SHORT, *overrides)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a run that was stopped at its first chance."""
    path = tmp_path_factory.mktemp("stopped") / "checkpoint.npz"
    with pytest.raises(Interrupted):
        run(short(), monitor=StopAt(path, 1))
    return path


def assert_same(found: RunRecord, expected: RunRecord) -> None:
    """Everything but what the computation took is the same to the bit."""
    for group in ("coefficients", "eedf", "phase", "waveform"):
        for name, value in getattr(expected, group).items():
            other = getattr(found, group)[name]
            for one, two in zip(
                (other.value, other.stderr) if hasattr(other, "value") else (other,),
                (value.value, value.stderr) if hasattr(value, "value") else (value,),
                strict=True,
            ):
                np.testing.assert_array_equal(one, two, err_msg=name)
    for name, column in expected.time_series.items():
        np.testing.assert_array_equal(found.time_series[name], column, err_msg=name)
    np.testing.assert_array_equal(found.rng["final_state"], expected.rng["final_state"])
    counts = ("trials", "real_collisions", "majorant_violations")
    assert [found.perf[name] for name in counts] == [expected.perf[name] for name in counts]
    assert found.attributes == expected.attributes


@pytest.mark.parametrize(
    "overrides",
    [
        (SAMPLED, "sim.en=500", "sim.log_every_k=2", "sim.evdf.l_max=2"),
        CONTROLLED,
        pytest.param(
            ("sim.frequency=2e11", "sim.bn=500", "sim.angular_model=vahedi_surendra"),
            marks=pytest.mark.slow,
        ),
        pytest.param((SAMPLED, "gas=lucas_saelee", "sim.temperature=0"), marks=pytest.mark.slow),
        pytest.param((SAMPLED, "accel=numpy", "sim.en=200"), marks=pytest.mark.slow),
    ],
)
def test_a_run_goes_on_to_the_bit(
    overrides: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped again and again, in every stage, within windows and at their ends."""
    monkeypatch.setattr(ensemble, "STEPS_PER_CALL", 8)
    config = short(*overrides)
    path = tmp_path / "checkpoint.npz"
    counter = StopAt(path, -1)
    whole = run(config, monitor=counter)
    state, stages, within = None, set(), set()
    # Each time a run with control variates solves the Boltzmann equation first.
    apart = 8 if overrides == CONTROLLED else 2
    for stop in count(1):
        try:
            # Often at first: the first stages are short beside the measurement.
            monitor = StopAt(path, min(apart**stop, counter.chances // 3 + 1))
            found = run(config, monitor=monitor, checkpoint=state)
            break
        except Interrupted:
            state = checkpoint.read(path, "mark")
            stages.add(state["stage"]["name"])
            within.add(bool(state["ensemble"]["swarm"]["active"].any()))
    assert "measurement" in stages
    assert ("relaxation" in stages) == (overrides != CONTROLLED)
    assert True in within
    assert_same(found, whole)


def test_a_run_goes_on_to_the_bit_with_more_threads_and_more_time(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    counter = StopAt(path, -1)
    whole = run(short(*CONTROLLED), monitor=counter)
    with pytest.raises(Interrupted):
        run(short(*CONTROLLED), monitor=StopAt(path, counter.chances // 2))
    other = short(*CONTROLLED, "accel.threads=2", "sim.stop.wall_time=1e6")
    found = run(other, checkpoint=checkpoint.read(path, "mark"))
    assert found.attributes["fingerprint"] != whole.attributes["fingerprint"]
    own = {"config", "fingerprint"} & set(whole.attributes)
    found.attributes.update({name: whole.attributes[name] for name in own})
    assert_same(found, whole)


def test_a_signal_before_the_first_window_is_not_lost(tmp_path: Path) -> None:
    """It may come while the solution that a run starts from is computed."""
    monitor = StopAt(tmp_path / "checkpoint.npz", 0)
    with pytest.raises(Interrupted) as stopped:
        run(short("accel=numpy"), monitor=monitor)
    assert (stopped.value.record, monitor.chances) == (None, 0)


def test_a_run_stopped_while_it_measures_hands_over_what_it_has(tmp_path: Path) -> None:
    config = short("sim.stop.real_collisions=1e6")
    path = tmp_path / "checkpoint.npz"
    with pytest.raises(Interrupted) as stopped:
        run(config, monitor=StopInMeasurement(path, -1))
    record = stopped.value.record
    assert record is not None
    assert record.attributes["complete"] == 0
    assert record.attributes["stop_reason"] == "interrupted"
    assert np.isfinite(record.coefficients["mean_energy"].stderr)
    with pytest.raises(Interrupted) as stopped:
        run(config, monitor=StopAt(path, 1))
    assert stopped.value.record is None


def test_what_a_checkpoint_holds_goes_with_its_format(stopped: Path) -> None:
    """Who changes one changes the other, so that an older checkpoint is refused and not misread."""
    ensemble_state = checkpoint.read(stopped, "mark")["ensemble"]
    held = {group: " ".join(sorted(ensemble_state[group])) for group in ("swarm", "tallies")}
    held["ensemble"] = " ".join(sorted(ensemble_state))
    assert checkpoint.FORMAT == "swarmhydra checkpoint 6"
    assert held == {
        "swarm": "active electrons factors history nominal population random_state target_size "
        "until_sample waiting weight",
        "tallies": "collisions departures displacement displacement_product energy_loss "
        "energy_memory events flux phase seconds speed tilted trial velocity_moments "
        "window_electrons",
        "ensemble": "at_opening events flights numbers order_cells seconds series swarm tallies "
        "time_in_cell warnings",
    }


def written(path: Path) -> bytes:
    """A checkpoint at a path, and its bytes."""
    state = {"group": {"numbers": np.arange(1000.0), "notes": ["a", "b"]}, "number": 0.1, "no": {}}
    checkpoint.write(path, state, "mark")
    return path.read_bytes()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    written(path)
    state = checkpoint.read(path, "mark")
    np.testing.assert_array_equal(state["group"].pop("numbers"), np.arange(1000.0))
    assert state == {"group": {"notes": ["a", "b"]}, "number": 0.1, "no": {}}
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint.npz"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:0],
        lambda whole: whole[:100],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-1],
        lambda whole: whole[:4000] + bytes([whole[4000] ^ 1]) + whole[4001:],
        lambda whole: b"no checkpoint at all",
    ],
)
def test_a_damaged_checkpoint_is_refused(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(damage(written(path)))
    with pytest.raises(ConfigError, match=r"damaged.*remove it to start") as told:
        checkpoint.read(path, "mark")
    assert "\n" not in str(told.value)


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    np.savez(path, notes=np.array([{"format": 1}], dtype=object))
    with pytest.raises(ConfigError, match="damaged"):
        checkpoint.read(path, "mark")


def test_a_compressed_archive_is_not_unpacked(tmp_path: Path) -> None:
    """A small file could fill the memory."""
    path = tmp_path / "checkpoint.npz"
    np.savez_compressed(path, notes=np.zeros(10_000_000))
    with pytest.raises(ConfigError, match=r"damaged, or no checkpoint.*compressed"):
        checkpoint.read(path, "mark")


@pytest.mark.parametrize(
    "damage",
    [
        lambda swarm: swarm.pop("weight"),
        lambda swarm: swarm.update(weight=np.ones(3)),
        lambda swarm: swarm.update(weight=np.ones(4, dtype=np.int64)),
        lambda swarm: swarm.update(population=swarm["population"] + 5000),
        lambda swarm: swarm["electrons"].__setitem__((0, contract.ANCESTOR, 0), 1e6),
    ],
)
def test_a_state_that_cannot_be_is_refused(damage: Callable[[Any], object], stopped: Path) -> None:
    """It could make the kernels write outside of their arrays."""
    state = checkpoint.read(stopped, "mark")
    damage(state["ensemble"]["swarm"])
    with pytest.raises(ConfigError, match=r"holds no state of a run .* remove it to start") as told:
        run(short(), checkpoint=state)
    assert "\n" not in str(told.value)


def test_a_checkpoint_of_other_settings_or_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.npz"
    written(path)
    with pytest.raises(ConfigError, match=r"other settings; go on with those, choose another"):
        checkpoint.read(path, "another mark")
    monkeypatch.setattr(checkpoint, "_version", lambda: "99.0")
    with pytest.raises(ConfigError, match=r"this is 99\.0.*go on with that version"):
        checkpoint.read(path, "mark")


def test_a_failed_write_leaves_the_older_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "checkpoint.npz"
    whole = written(path)

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fails)
    JobMonitor(StopSignals(), path, "mark", None).save({})
    assert "cannot write" in caplog.text
    assert "No space left" in caplog.text
    assert path.read_bytes() == whole
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_a_configuration_is_recognised_by_what_matters() -> None:
    mark = fingerprint(short())
    same = ("output=other.nc", "resume=true", "accel.threads=2", "sim.checkpoint_every=1")
    assert fingerprint(short(*same)) == mark
    for other in ("sim.en=99", "accel=jit_lut", "sim.stop.wall_time=1"):
        assert fingerprint(short(other)) != mark
    assert json.dumps(mark).isascii()
    assert len(mark) == 32
