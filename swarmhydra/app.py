"""The command line: compose, check, simulate, save, print the summary."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.types import RunMode
from omegaconf import DictConfig

from swarmhydra.compose import (
    COMPOSITION_ERRORS,
    HYDRA_VERSION_BASE,
    Refused,
    checked,
    located,
    refusal,
)
from swarmhydra.config import Config, ConfigError, fingerprint, sub_swarm_count
from swarmhydra.config.option_files import config_dir
from swarmhydra.job_folder import lock
from swarmhydra.job_folder import status as job_status
from swarmhydra.job_folder.writable import check_writable
from swarmhydra.sweeps import launching

if TYPE_CHECKING:
    from swarmhydra.results.record import RunRecord
    from swarmhydra.run.simulation import Interrupted
    from swarmhydra.run.stop_signals import StopSignals

log = logging.getLogger(__name__)

BROKEN = 1
BAD_INPUT = 2
BY_SIGNAL = 128
"""Plus the number of the signal."""

_told_to_stop = False
"""Whether a signal has come to this process, which may be asked to run more jobs."""


class Unsaved(Exception):
    """The result cannot be written; one line that says what to do."""


class Stopped(BaseException):
    """The job was told to stop; no `Exception`, because then the other jobs would go on.

    Parameters
    ----------
    message : str
        What there is now, and how to go on.
    signum : int
        The signal that came.
    """

    def __init__(self, message: str, signum: int) -> None:
        super().__init__(message)
        self.signum = signum


def main() -> None:
    """Run `python -m swarmhydra`.

    Bad input ends with status 2 and one line on standard error, a sweep with jobs that did not
    finish with status 1 and a line for each of them, and what a signal has stopped with 128 plus
    its number. `HYDRA_FULL_ERROR=1` shows the traceback instead.
    """
    launching.begun = None
    with _hydra_raising_its_errors() as traceback_wanted:
        try:
            _job()
        except Refused as error:
            if traceback_wanted:
                raise
            _refuse(str(error))
        except Unsaved as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(BROKEN)
        except Exception as error:
            if launching.begun is None:
                known = isinstance(error, COMPOSITION_ERRORS) and not _from_a_job(error)
                if traceback_wanted or not known:
                    raise
                _refuse(refusal(error, sys.argv[1:]))
            # Jobs keep their errors to themselves: it is the launcher that broke.
            log.debug("the launcher gave up", exc_info=True)
            sys.stderr.write(f"the launcher gave up: {refusal(error, sys.argv[1:])}\n")
        except Stopped as stop:
            sys.stderr.write(f"{stop}\n")
            if launching.begun is None:
                sys.exit(BY_SIGNAL + stop.signum)
            launching.received = stop.signum
        if launching.begun is not None:
            _close(launching.begun)


@contextlib.contextmanager
def _hydra_raising_its_errors() -> Iterator[bool]:
    """Make Hydra raise its errors instead of printing them; whether the user asked for that."""
    asked = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield asked == "1"
    finally:
        if asked is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = asked


def _refuse(line: str) -> None:
    """End the program for bad input."""
    sys.stderr.write(f"{line}\n")
    sys.exit(BAD_INPUT)


def _close(sweep: launching.Sweep) -> None:
    """Say what came of a sweep."""
    launching.wait_for_the_others(sweep)
    words, complete = launching.closing_words(sweep, sys.argv[1:])
    stream = sys.stdout if complete else sys.stderr
    stream.write(f"{words}\n")
    if not complete:
        sys.exit(BY_SIGNAL + launching.received if launching.received else BROKEN)


@hydra.main(version_base=HYDRA_VERSION_BASE, config_path=str(config_dir()), config_name="config")
def _job(cfg: DictConfig) -> None:
    """One job: a single run, or one point of a sweep."""
    if HydraConfig.get().mode is RunMode.MULTIRUN:
        _one_of_many(cfg)
        return
    try:
        config = checked(located(cfg, HydraConfig.get()))
        file = _writable(Path(HydraConfig.get().runtime.output_dir) / config.output, config)
        with lock.owner_of(file.parent):
            _carry_out(config, file)
    except ConfigError as error:
        raise Refused(str(error)) from error


def _one_of_many(cfg: DictConfig) -> None:
    """A job whose errors must not stop the others: its folder and the log tell of them."""
    if _told_to_stop:
        return
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
        )
        sweep = Path(HydraConfig.get().sweep.dir).absolute()
        _writable(job.file, config)
        with lock.claimed(job, sweep, search=config.resume) as folder:
            file = folder / config.output
            _carry_out(config, file)
    except lock.InUse as error:
        # The status in that folder is the other process's.
        log.error("this job was not started: %s", error)
    except Exception as error:
        foreseen = isinstance(error, ConfigError | Unsaved)
        reason = str(error) if foreseen else traceback.format_exception_only(error)[-1].strip()
        log.error("this job failed: %s", reason, exc_info=not foreseen)
        with contextlib.suppress(OSError):
            job_status.write_status(file, "", _overrides(), job_status.FAILED, reason)


def _carry_out(config: Config, file: Path) -> None:
    """Run unless that has been done, and leave word of it in the folder."""
    # Imported here: they bring in numba and xarray, and --help needs neither.
    from swarmhydra.results.earlier import Earlier, earlier_result
    from swarmhydra.results.files import open_run
    from swarmhydra.results.summary import summary
    from swarmhydra.run import checkpoint
    from swarmhydra.run.methods import carry_out
    from swarmhydra.run.monitor import JobMonitor
    from swarmhydra.run.progress import reporter
    from swarmhydra.run.simulation import Interrupted
    from swarmhydra.run.stop_signals import StopSignals

    mark = fingerprint(config)
    if earlier_result(file, mark, overwrite=config.overwrite) is Earlier.FINISHED:
        log.info("finished earlier: %s", file)
        job_status.write_status(file, mark, _overrides(), job_status.FINISHED)
        sys.stdout.write(f"{summary(open_run(file))}\n{file}\n")
        return
    kept = file.with_name(job_status.CHECKPOINT)
    state = checkpoint.read(kept, mark) if kept.is_file() else None
    job_status.write_status(file, mark, _overrides(), job_status.UNFINISHED)
    log.info(
        "gas=%s accel=%s sim.en=%g sim.seed=%d, %d spawn keys, output %s",
        config.gas.name,
        config.accel.name,
        config.sim.en,
        config.sim.seed,
        sub_swarm_count(config.sim),
        file,
    )
    if state is not None:
        log.info("going on from %s", kept)
    show = reporter(live=not _shares_the_terminal())
    with StopSignals() as signals:
        monitor = JobMonitor(signals, kept, mark, config.sim.checkpoint_every)
        try:
            table = _save(carry_out(config, show, monitor, state), file)
        except Interrupted as interrupted:
            _end_early(interrupted, file, mark, signals)
            return
    kept.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        job_status.write_status(file, mark, _overrides(), job_status.FINISHED)
    sys.stdout.write(f"{table}\n{file}\n")


def _save(record: RunRecord, file: Path) -> str:
    """Write what was found; return it as a table."""
    from swarmhydra.results.files import save
    from swarmhydra.results.summary import summary
    from swarmhydra.results.tree import build_tree

    record.attributes["history"] = " ".join(["python -m swarmhydra", *_overrides()])
    tree = build_tree(record)
    try:
        save(tree, file)
    except OSError as error:
        kept = file.with_name(job_status.CHECKPOINT)
        start = f"go on from {kept.name}" if kept.is_file() else "run once more"
        raise Unsaved(f"{error}; make room there, and the same command will {start}") from error
    log.info("wrote %s", file)
    return summary(tree)


def _end_early(interrupted: Interrupted, file: Path, mark: str, signals: StopSignals) -> None:
    """Save what there is, hand the signal on or say how to go on, and stop the other jobs."""
    global _told_to_stop
    if interrupted.record is not None:
        try:
            _save(interrupted.record, file)
        except Unsaved as error:
            log.error("%s", error)
    with contextlib.suppress(OSError):
        job_status.write_status(file, mark, _overrides(), job_status.STOPPED)
    signals.hand_over()
    _told_to_stop = True
    assert signals.received is not None
    message = f"stopped by {signal.Signals(signals.received).name}"
    if not file.with_name(job_status.CHECKPOINT).is_file():
        message += ", without a checkpoint"
    elif HydraConfig.get().mode is RunMode.RUN:
        kept = [entry for entry in sys.argv[1:] if not entry.startswith("hydra.run.dir=")]
        again = shlex.join([*kept, f"hydra.run.dir={HydraConfig.get().runtime.output_dir}"])
        message += f"; to go on: python -m swarmhydra {again}"
    if _shares_the_terminal():
        # The launcher must learn nothing of it, or it would kill the jobs that are still saving.
        log.warning("%s", message)
        return
    raise Stopped(message, signals.received)


def _overrides() -> list[str]:
    """What the job was asked for, as on the command line."""
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
    hydra_config = HydraConfig.get()
    launcher = str(hydra_config.launcher.get("_target_"))
    return hydra_config.mode is RunMode.MULTIRUN and not launcher.endswith("BasicLauncher")


def _from_a_job(error: BaseException) -> bool:
    """Whether Hydra passes the error on from within a job, where it is no matter of the input."""
    passes_on = JobReturn.return_value.fget.__code__  # type: ignore[attr-defined]
    return any(frame.f_code is passes_on for frame, _ in traceback.walk_tb(error.__traceback__))
