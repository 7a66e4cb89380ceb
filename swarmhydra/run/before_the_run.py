"""What is refused before Hydra leaves the settings of a run in its folder."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from swarmhydra.config import ConfigError, fingerprint, trajectory_fingerprint
from swarmhydra.config.compose import Refused, located
from swarmhydra.job_folder.lock import LOCK_FILE, owner_of
from swarmhydra.run.checked import checked


class BeforeTheRun(Callback):
    """Leave a folder as it is that this run may not use.

    Hydra writes the settings of a run (``.hydra``) into its folder before the run is asked whether
    it can be there: what it says of the work of another run would then be false.
    """

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        """Hydra's signal that a single run begins.

        Raises
        ------
        Refused
            If another process owns the folder, or it holds the result of another configuration, or
            a pipe in the place of a file of Hydra.
        """
        folder = Path(str(config.hydra.run.dir)).absolute()
        try:
            _refuse_pipes(folder, f"{config.hydra.job.name}.log")
            if (folder / LOCK_FILE).exists():
                with owner_of(folder):
                    if not config.overwrite and (folder / str(config.output)).is_file():
                        _refuse_another_result(folder, config)
        except ConfigError as error:
            raise Refused(str(error)) from error
        except OSError:
            # No permission, or too long a name: Hydra meets the same error next and reports it.
            return


def _refuse_pipes(folder: Path, log_file: str) -> None:
    """Refuse a pipe in the place of what Hydra writes: it would wait for a reader for ever."""
    for path in (folder / log_file, *(folder / ".hydra").glob("*")):
        if path.is_fifo():
            raise ConfigError(f"{path} is a pipe; expected room for a file")


def _refuse_another_result(folder: Path, cfg: DictConfig) -> None:
    """Refuse a folder with the result of another configuration."""
    # Imported here: it brings in xarray, and most folders are new.
    from swarmhydra.results.earlier import earlier_result

    config = checked(located(copy.deepcopy(cfg), cfg.hydra))
    earlier_result(folder / config.output, fingerprint(config), trajectory_fingerprint(config))
