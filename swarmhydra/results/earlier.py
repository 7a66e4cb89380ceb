"""What a folder holds before a run begins in it."""

from enum import Enum, auto
from pathlib import Path

from swarmhydra.config import ConfigError
from swarmhydra.job_folder.status import CHECKPOINT, status_of
from swarmhydra.results.files import attributes_of_file


class Earlier(Enum):
    """What an earlier run has left in the place of a result."""

    NOTHING = auto()
    """Nothing that is in the way."""
    DAMAGED = auto()
    """A result of the same configuration that cannot be read, and is computed again."""
    FINISHED = auto()
    """The complete result of the same configuration."""
    UNFINISHED = auto()
    """A result that this run goes on from, or replaces by a longer one."""


def earlier_result(
    file: Path, fingerprint: str, trajectory: str = "", *, overwrite: bool = False
) -> Earlier:
    """Find out what an earlier run has left; refuse to replace another one's result.

    Parameters
    ----------
    file : Path
        Where the result will be written.
    fingerprint, trajectory : str
        Digests of the configuration, with and without stop rules.
    overwrite : bool, optional
        Whether a result may be replaced, also one of the same configuration.

    Raises
    ------
    ConfigError
        If the file holds anything else than a result of this configuration.
    """
    if overwrite or not file.is_file():
        return Earlier.NOTHING
    status = status_of(file.parent)
    try:
        attributes = attributes_of_file(file)
    except (OSError, ValueError) as error:
        if status.get("fingerprint") != fingerprint:
            raise ConfigError(
                f"{file} is no result that can be read ({error}); expected another folder, or "
                "overwrite=true to replace it"
            ) from error
        return Earlier.DAMAGED
    if attributes.get("fingerprint") == fingerprint:
        return Earlier.FINISHED if attributes.get("complete") == 1 else Earlier.UNFINISHED
    goes_on = bool(trajectory) and status.get("trajectory") == trajectory
    if goes_on and file.with_name(CHECKPOINT).is_file():
        return Earlier.UNFINISHED
    raise ConfigError(
        f"{file} holds the result of another configuration; expected another folder "
        "(hydra.run.dir, hydra.sweep.dir), or overwrite=true to replace it"
    )
