"""The configurations of a sweep's jobs, each composed once.

Hydra composes every job twice, when it checks the sweep and when it runs the job, and we do to
check its values. A solution of the Boltzmann equation takes less time than that.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig

MOST_REMEMBERED = 256
"""Configurations that are kept at most: some hundred kilobytes each."""

Compose = Callable[[DictConfig, list[str]], DictConfig]


class ComposedJobs:
    """Stands for Hydra's `load_sweep_config`, and remembers what that returned.

    Parameters
    ----------
    compose : callable
        Composes the configuration of a job from that of the sweep and the overrides of the job.
    """

    def __init__(self, compose: Compose) -> None:
        self._compose = compose
        self._configs: dict[tuple[str, ...], DictConfig] = {}

    def __call__(self, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        """The configuration of a job; a copy, because each job writes its number into it."""
        overrides = tuple(sweep_overrides)
        if overrides in self._configs:
            return deepcopy(self._configs[overrides])
        cfg = self._compose(master_config, sweep_overrides)
        if len(self._configs) < MOST_REMEMBERED:
            self._configs[overrides] = deepcopy(cfg)
        return cfg

    def __getstate__(self) -> dict[str, Any]:
        """Without what is remembered: a job in another process needs no other job's settings."""
        return {"_compose": self._compose, "_configs": {}}


def compose_once() -> None:
    """Let Hydra compose each job of the sweep that begins once."""
    loader = GlobalHydra.instance().config_loader()
    assert isinstance(loader, ConfigLoaderImpl)
    loader.load_sweep_config = ComposedJobs(loader.load_sweep_config)  # type: ignore[method-assign]
