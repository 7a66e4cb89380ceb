"""The command line: compose, check, simulate, save, print the summary."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.types import RunMode
from omegaconf import DictConfig

from swarmhydra.config import Config, ConfigError, console, fingerprint, trajectory_fingerprint
from swarmhydra.config.command_line import options_first
from swarmhydra.config.compose import (
    COMPOSITION_ERRORS,
    HYDRA_VERSION_BASE,
    Refused,
    located,
    refusal,
)
from swarmhydra.config.option_files import config_dir
from swarmhydra.config.sweep_values import expanded
from swarmhydra.job_folder import lock
from swarmhydra.job_folder import status as job_status
from swarmhydra.job_folder.writable import check_writable
from swarmhydra.run import repeated, stop_signals
from swarmhydra.run.checked import checked
from swarmhydra.sweeps import launching, stopping

if TYPE_CHECKING:
    from swarmhydra.run.job import Ending
    from swarmhydra.run.progress import PlaceInSweep
    from swarmhydra.run.stop_signals import StopSignals

log = logging.getLogger(__name__)

BROKEN = 1
BAD_INPUT = 2
BY_SIGNAL = 128
"""Plus the number of the signal."""


class End(BaseException):
    """Ends the program; no `Exception`, because Hydra comments on those.

    Parameters
    ----------
    text : str
        A line for standard error.
    status : int
        The status with which the program ends.
    """

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


_user_words: list[str] = []
"""The command line of this process, up to what Hydra is given."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m swarmhydra`.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Bad input ends with status 2 and one line on standard error, a run that has measured nothing and
    a sweep with jobs that did not finish with status 1 and a line for each of them, and what a
    signal has stopped with 128 plus its number. `HYDRA_FULL_ERROR=1` shows the traceback instead.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _carry_out_command(words, words)


def rerun(arguments: Sequence[str]) -> None:
    """Run `python -m swarmhydra rerun FILE [key=value ...]`; status as that of `main`.

    Parameters
    ----------
    arguments : sequence of str
        A result file or the folder of a run, and what shall differ from it.
    """
    try:
        if not arguments or "=" in arguments[0] or arguments[0].startswith("-"):
            raise ConfigError("rerun: expected a result file, or the folder of a run")
        repeated.offer(Path(arguments[0]))
    except ConfigError as error:
        console.say(str(error), error=True)
        sys.exit(BAD_INPUT)
    words = ["--config-name", repeated.CONFIG_NAME, *arguments[1:]]
    _carry_out_command(words, ["rerun", *arguments])


def _carry_out_command(words: list[str], user_words: list[str]) -> None:
    """Let Hydra carry out a command.

    Parameters
    ----------
    words : list of str
        What Hydra is given.
    user_words : list of str
        What the user has typed.
    """
    global _user_words
    console.prepare()
    launching.current_sweep = None
    _user_words = user_words
    try:
        with stop_signals.listening(announce=True) as signals, _errors_of_hydra() as full_error:
            try:
                status = _run(words, wants_traceback=full_error)
                if launching.current_sweep is not None:
                    status = _close(launching.current_sweep, signals)
            except KeyboardInterrupt:
                status = _ended_at_once()
            signals.too_late = True
    finally:
        launching.stop_watching()
        console.finish()
    if status:
        sys.exit(status)


def _run(words: list[str], wants_traceback: bool) -> int:
    """Let Hydra compose, and run the job or the sweep; return the status of a single job."""
    try:
        sys.argv[1:] = expanded(options_first(words))
        _job()
    except (Refused, ConfigError) as error:
        if wants_traceback:
            raise
        console.say(str(error), error=True)
        return BAD_INPUT
    except (End, stopping.GivenUp) as end:
        console.say(str(end), error=True)
        return end.status if isinstance(end, End) else BROKEN
    except KeyboardInterrupt:
        return _ended_at_once()
    except Exception as error:
        if launching.current_sweep is None:
            is_known = isinstance(error, COMPOSITION_ERRORS) and not _from_a_job(error)
            if wants_traceback or not is_known:
                raise
            console.say(refusal(error, _user_words), error=True)
            return BAD_INPUT
        # Jobs keep their errors to themselves: it is the launcher that broke.
        log.debug("the launcher gave up", exc_info=True)
        console.say(f"the launcher gave up: {refusal(error, _user_words)}", error=True)
    return 0


def _ended_at_once() -> int:
    """Say so; return the status of the program."""
    console.say("ended at once by a second SIGINT", error=True)
    return BY_SIGNAL + signal.SIGINT


@contextlib.contextmanager
def _errors_of_hydra() -> Iterator[bool]:
    """Make Hydra raise its errors instead of printing them; whether the user asked for that."""
    before = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield before == "1"
    finally:
        if before is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = before


def _close(sweep: launching.Sweep, signals: StopSignals) -> int:
    """Say how the jobs of a sweep ended; return the status of the program."""
    launching.wait_for_the_others(sweep)
    launching.stop_watching()
    if table := launching.table_of_jobs(sweep):
        console.say(table)
    words, complete = launching.closing_words(sweep, _user_words)
    console.say(words, error=not complete)
    if complete:
        return 0
    return BY_SIGNAL + signals.received if signals.received else BROKEN


@hydra.main(version_base=HYDRA_VERSION_BASE, config_path=str(config_dir()), config_name="config")
def _job(cfg: DictConfig) -> None:
    """One job: a single run, or one point of a sweep."""
    if HydraConfig.get().mode is RunMode.MULTIRUN:
        _one_of_many(cfg)
        return
    with stop_signals.listening() as signals:
        if signals.received is not None:
            raise End(
                f"stopped by {signals.name} before the run began", BY_SIGNAL + signals.received
            )
        folder = Path(HydraConfig.get().runtime.output_dir)
        try:
            config = checked(located(cfg, HydraConfig.get()))
            file = _writable(folder / config.output, config)
            with lock.owner_of(folder):
                ending = _carry_out(config, file, signals)
        except ConfigError as error:
            raise Refused(str(error)) from error
        except OSError as error:
            # Somebody took the folder, or the permission to use it, away.
            if not _is_about(error, folder):
                raise
            raise Refused(refusal(error, _user_words)) from error
    if ending.status == job_status.STOPPED:
        assert signals.received is not None
        raise End(f"{ending.text}{_how_to_go_on(file)}", BY_SIGNAL + signals.received)
    if ending.status != job_status.FINISHED:
        raise End(f"{ending.text}{_how_to_go_on(file)}", BROKEN)


def _one_of_many(cfg: DictConfig) -> None:
    """A job of a sweep; its errors must not stop the other jobs, and are left in its folder."""
    with stop_signals.listening() as signals, stop_signals.at_work(), _with_the_launcher():
        if signals.received is None:
            _keep_errors(cfg, signals)
        if signals.received is not None and not _shares_the_terminal():
            # Not raised to a launcher of parallel jobs: it would kill those that still write.
            raise End(f"stopped by {signals.name}", BY_SIGNAL + signals.received)


def _with_the_launcher() -> contextlib.AbstractContextManager[None]:
    """Where a job ends with the process that launched it, though that is not its parent."""
    number = os.environ.get(stopping.LAUNCHER)
    if number is None or not _launcher().endswith("LocalLauncher"):
        return contextlib.nullcontext()
    return stop_signals.following(int(number))


def _keep_errors(cfg: DictConfig, signals: StopSignals) -> None:
    """Carry out a job; write into its folder, and log, how it failed."""
    file = Path(HydraConfig.get().runtime.output_dir) / job_status.FILE_NAME
    try:
        config = checked(located(cfg, HydraConfig.get()))
        job = job_status.Job(
            file.parent,
            name="",
            file=file.with_name(config.output),
            status=job_status.UNFINISHED,
            overrides=tuple(_overrides()),
            fingerprint=fingerprint(config),
            trajectory=trajectory_fingerprint(config),
        )
        sweep = Path(HydraConfig.get().sweep.dir).absolute()
        _writable(job.file, config)
        with lock.claimed(job, sweep, search=config.resume) as folder:
            file = folder / config.output
            ending = _carry_out(config, file, signals)
    except lock.InUse as error:
        # The status in that folder is the other process's.
        log.error("this job was not started: %s", error)
    except Exception as error:
        reason = str(error) if _is_foreseen(error) else _last_line(error)
        log.error("this job failed: %s", reason, exc_info=not _is_foreseen(error))
        with contextlib.suppress(OSError):
            job_status.write_status(file, "", _overrides(), job_status.FAILED, reason)
    else:
        if ending.status != job_status.FINISHED:
            log.warning("this job: %s", ending.text)


def _carry_out(config: Config, file: Path, signals: StopSignals) -> Ending:
    """Run the job in a folder that this process owns; print the result, if there is one."""
    # Imported here: they bring in numba and xarray, and --help needs neither.
    from swarmhydra.run.job import JobRun, Unsaved
    from swarmhydra.run.progress import reporter

    show = reporter(live=not _shares_the_terminal(), place=_place_in_sweep())
    try:
        ending = JobRun(config, file, _overrides()).carry_out(signals, show)
    except Unsaved as error:
        if HydraConfig.get().mode is RunMode.MULTIRUN:
            raise
        raise End(str(error), BROKEN) from error
    if ending.status == job_status.FINISHED:
        console.say(f"{ending.text}\n{file}")
    return ending


def _place_in_sweep() -> PlaceInSweep | None:
    """Which job of a sweep this is, where one after the other runs in this process."""
    from swarmhydra.run.progress import PlaceInSweep

    sweep = launching.current_sweep
    if sweep is None or len(sweep.overrides) < 2 or _shares_the_terminal():
        return None
    number = int(HydraConfig.get().job.num) + 1
    return PlaceInSweep(number, len(sweep.overrides), time.monotonic() - sweep.began_at)


def _is_foreseen(error: Exception) -> bool:
    """Whether the message of an error is one line that says all."""
    from swarmhydra.run.job import Unsaved

    of_the_system = isinstance(error, OSError) and error.filename is not None
    return of_the_system or isinstance(error, ConfigError | Unsaved)


def _is_about(error: OSError, folder: Path) -> bool:
    """Whether an error of the system names a folder or a file in it."""
    return error.filename is not None and Path(str(error.filename)).is_relative_to(folder)


def _last_line(error: Exception) -> str:
    """The last line of a traceback."""
    return traceback.format_exception_only(error)[-1].strip()


def _how_to_go_on(file: Path) -> str:
    """The command that goes on from the checkpoint, if there is one."""
    if not file.with_name(job_status.CHECKPOINT).is_file():
        return ""
    arguments = [entry for entry in _user_words if not entry.startswith("hydra.run.dir=")]
    again = shlex.join([*arguments, f"hydra.run.dir={HydraConfig.get().runtime.output_dir}"])
    return f"; to go on: python -m swarmhydra {again}"


def _overrides() -> list[str]:
    """The settings of the job, as on the command line."""
    return list(HydraConfig.get().overrides.task)


def _writable(file: Path, config: Config) -> Path:
    """The result file, if it could be written now."""
    try:
        check_writable(file)
    except IsADirectoryError as error:
        raise ConfigError(f"output={config.output}: {file} is a folder; expected a file") from error
    except OSError as error:
        raise ConfigError(
            f"output={config.output}: cannot write to {error.filename or file.parent} "
            f"({error.strerror}); expected a file in a folder that can be written"
        ) from error
    return file


def _shares_the_terminal() -> bool:
    """Whether other jobs may write at the same time."""
    several = HydraConfig.get().mode is RunMode.MULTIRUN
    return several and not _launcher().endswith("BasicLauncher")


def _launcher() -> str:
    """Class of Hydra's launcher."""
    return str(HydraConfig.get().launcher.get("_target_"))


def _from_a_job(error: BaseException) -> bool:
    """Whether Hydra passes the error on from within a job, where it is no matter of the input."""
    passes_on = JobReturn.return_value.fget.__code__  # type: ignore[attr-defined]
    return any(frame.f_code is passes_on for frame, _ in traceback.walk_tb(error.__traceback__))
