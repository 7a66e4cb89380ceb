"""Each job of a sweep is composed once, and none sees what another one wrote into its settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from omegaconf import DictConfig, OmegaConf

from swarmhydra.config import large_options
from swarmhydra.sweeps import composed_jobs
from swarmhydra.sweeps.composed_jobs import ComposedJobs


def test_a_sweep_composes_each_job_once(
    ran: list[float], program: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    overrides: list[list[str]] = []
    by_hydra = large_options._composed_by_hydra

    def counted(loader: Any, **kwargs: Any) -> DictConfig:
        overrides.append(list(kwargs["overrides"]))
        return by_hydra(loader, **kwargs)

    monkeypatch.setattr(large_options, "_composed_by_hydra", counted)
    assert program("-m", "sim.en=10,100", "hydra.sweep.dir=sweep") == 0
    assert ran == [10.0, 100.0]
    of_jobs = [each for each in overrides if "sim.en=10" in each or "sim.en=100" in each]
    assert len(of_jobs) == 2
    assert [Path(f"sweep/{job}/results.nc").exists() for job in (0, 1)] == [True, True]


def test_jobs_have_settings_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def compose(_: DictConfig, overrides: list[str]) -> DictConfig:
        calls.append(overrides)
        return OmegaConf.create({"settings": overrides})

    monkeypatch.setattr(composed_jobs, "MOST_REMEMBERED", 1)
    jobs, master = ComposedJobs(compose), OmegaConf.create()
    for _ in range(3):
        first = jobs(master, ["a=1"])
        first.settings.append("own")
        assert jobs(master, ["b=1"]).settings == ["b=1"]
    assert calls == [["a=1"], ["b=1"], ["b=1"], ["b=1"]]
    assert not jobs.__getstate__()["_configs"]
