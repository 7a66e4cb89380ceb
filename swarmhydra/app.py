"""The command line: compose, check, simulate, save, print the summary."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import traceback
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.types import RunMode
from omegaconf import DictConfig

from swarmhydra.compose import (
    COMPOSITION_ERRORS,
    HYDRA_VERSION_BASE,
    checked,
    config_dir,
    located,
    refusal,
)
from swarmhydra.config import Config, ConfigError, sub_swarm_count

log = logging.getLogger(__name__)

BAD_INPUT = 2


class Refused(BaseException):
    """Bad input found within a job; no `Exception`, because Hydra comments on those."""


def main() -> None:
    """Run `python -m swarmhydra`.

    Bad input ends with status 2 and one line on standard error. `HYDRA_FULL_ERROR=1` shows the
    traceback instead.
    """
    asked = os.environ.get("HYDRA_FULL_ERROR")
    # Makes Hydra raise its errors instead of printing them over several lines.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        _job()
    except (Refused, *COMPOSITION_ERRORS) as error:
        if asked == "1" or _from_a_job(error):
            raise
        line = str(error) if isinstance(error, Refused) else refusal(error, sys.argv[1:])
        sys.stderr.write(f"{line}\n")
        sys.exit(BAD_INPUT)
    finally:
        if asked is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = asked


@hydra.main(version_base=HYDRA_VERSION_BASE, config_path=str(config_dir()), config_name="config")
def _job(cfg: DictConfig) -> None:
    """One job: a single run, or one point of a sweep."""
    try:
        config = checked(located(cfg, HydraConfig.get()))
        _simulate(config, _result_path(config))
    except ConfigError as error:
        raise Refused(str(error)) from error


def _simulate(config: Config, path: Path) -> None:
    """Run, save, print the summary."""
    # Imported here: they bring in numba and xarray, and --help needs neither.
    from swarmhydra.progress import reporter
    from swarmhydra.results import build_tree, save, summary
    from swarmhydra.simulation import run

    log.info(
        "gas=%s accel=%s sim.en=%g sim.seed=%d, %d spawn keys, output %s",
        config.gas.name,
        config.accel.name,
        config.sim.en,
        config.sim.seed,
        sub_swarm_count(config.sim),
        path,
    )
    record = run(config, reporter(live=not _shares_the_terminal()))
    overrides = HydraConfig.get().overrides.task
    record.attributes["history"] = " ".join(["python -m swarmhydra", *overrides])
    tree = build_tree(record)
    save(tree, path)
    log.info("wrote %s", path)
    sys.stdout.write(f"{summary(tree)}\n{path}\n")


def _result_path(config: Config) -> Path:
    """The result file of this job, in a folder that has been written to."""
    path = Path(HydraConfig.get().runtime.output_dir) / config.output
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ConfigError(
            f"output={config.output}: cannot write to {path.parent} ({error.strerror}); "
            "allowed is a file in a folder that can be written"
        ) from error
    if path.is_dir():
        raise ConfigError(f"output={config.output}: {path} is a folder; allowed is a file")
    return path


def _shares_the_terminal() -> bool:
    """Whether other jobs may write at the same time."""
    hydra_config = HydraConfig.get()
    launcher = str(hydra_config.launcher.get("_target_"))
    return hydra_config.mode is RunMode.MULTIRUN and not launcher.endswith("BasicLauncher")


def _from_a_job(error: BaseException) -> bool:
    """Whether Hydra passes the error on from within a job, where it is no matter of the input."""
    passes_on = JobReturn.return_value.fget.__code__  # type: ignore[attr-defined]
    return any(frame.f_code is passes_on for frame, _ in traceback.walk_tb(error.__traceback__))
