"""Compiled kernels in a forked process are refused: their threads are not there."""

import os

import pytest

from tests.helpers.programs import run_python

backend = pytest.importorskip("swarmhydra.kernels.compiled.backend")

FORK = """
import multiprocessing, sys
import swarmhydra

SETTINGS = ("accel=jit", "sim=quick", "sim.electrons=64", "sim.sub_swarms=4",
            "sim.stop.real_collisions=1e3")

def job(accel):
    try:
        return float(swarmhydra.simulate(*SETTINGS, f"accel={accel}")["mean_energy"])
    except RuntimeError as error:
        return str(error)

swarmhydra.simulate(*SETTINGS)
with multiprocessing.get_context("fork").Pool(1) as pool:
    for accel in ("jit", "numpy"):
        print(pool.map_async(job, [accel]).get(timeout=120)[0])
"""


def test_a_process_that_did_not_start_the_threads_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backend, "_process_of_threads", os.getppid())
    with pytest.raises(backend.ForkedError, match=r"get_context\('spawn'\)") as refused:
        backend.CompiledKernels(1)
    assert "\n" not in str(refused.value)
    monkeypatch.setattr(backend, "_process_of_threads", os.getpid())
    assert backend.CompiledKernels(1).threads == 1


def test_threads_are_as_many_as_a_container_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a machine with many more."""
    monkeypatch.setattr(backend.numba.config, "NUMBA_NUM_THREADS", 64)
    monkeypatch.setattr(backend.joblib, "cpu_count", lambda: 1)
    assert backend.CompiledKernels(None).threads == 1


@pytest.mark.slow
def test_simulate_in_a_fork_says_to_spawn() -> None:
    lines = run_python("-c", FORK).stdout.splitlines()
    assert "expected processes that are started by" in lines[-2]
    assert float(lines[-1]) > 0.0
