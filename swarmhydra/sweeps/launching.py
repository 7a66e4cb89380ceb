"""A sweep as a whole, in the process that launches its jobs: before the first, after the last."""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from swarmhydra.config import Backend, Config, ConfigError, Method, from_yaml, to_yaml
from swarmhydra.config.compose import COMPOSITION_ERRORS, Refused, located
from swarmhydra.job_folder.status import FINISHED, Job, jobs_so_far
from swarmhydra.run import stop_signals
from swarmhydra.run.checked import checked
from swarmhydra.sweeps import stopping
from swarmhydra.sweeps.composed_jobs import compose_once

if TYPE_CHECKING:
    from swarmhydra.sweeps.watching import Watcher

log = logging.getLogger(__name__)

THREADS = "NUMBA_NUM_THREADS"

_COMPILE = (
    "import sys; from swarmhydra.sweeps.launching import compile_kernels; "
    "compile_kernels(sys.stdin.read())"
)


@dataclass
class Sweep:
    """A sweep that has begun.

    Attributes
    ----------
    folder : Path
        Folder that holds those of all jobs.
    launcher : str
        Class of its launcher.
    overrides : list of tuple of str
        The overrides of each job; empty where the sweeper decides on them as it goes.
    began_at : float
        When the first job could begin, by `time.monotonic` (s).
    watcher : Watcher or None
        What shows the progress of jobs in other processes.
    """

    folder: Path
    launcher: str
    overrides: list[tuple[str, ...]]
    began_at: float = field(default_factory=time.monotonic)
    watcher: Watcher | None = None


current_sweep: Sweep | None = None
"""The sweep of this process."""


class BeforeTheFirstJob(Callback):
    """Check all jobs, share out the cores, and compile once for all."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Hydra's signal that a sweep begins.

        Raises
        ------
        Refused
            If a setting of a job cannot be used; no job has run then.
        """
        global current_sweep
        compose_once()
        try:
            jobs = _jobs_of(config)
            configs = _checked_values(config, jobs)
        except COMPOSITION_ERRORS:
            # The sweeper runs into the same error before the first job, and reports it.
            return
        launcher = str(config.hydra.launcher["_target_"])
        if not launcher.endswith("BasicLauncher"):
            _share_cores(config, launcher, len(jobs))
            _compile_once(configs)
        folder = Path(str(config.hydra.sweep.dir)).absolute()
        # Set before a pending signal can end the sweep: the summary says which jobs are missing.
        current_sweep = Sweep(folder, launcher, [tuple(job) for job in jobs])
        stopping.pass_signals_on(config.hydra.launcher, launcher)
        if jobs and not launcher.endswith("BasicLauncher"):
            # Imported here: a setting that is refused need not wait for it.
            from swarmhydra.sweeps.watching import Watcher

            current_sweep.watcher = Watcher(folder, len(jobs))
            current_sweep.watcher.start()


def compile_kernels(texts: str) -> None:
    """Compile the kernels for some configurations, into the cache that all processes share.

    Parameters
    ----------
    texts : str
        A JSON list, each entry from `config.to_yaml`.
    """
    from swarmhydra.swarm.ensemble import Ensemble

    for text in json.loads(texts):
        Ensemble(from_yaml(text))


def stop_watching() -> None:
    """End what shows the progress of jobs in other processes."""
    if current_sweep is not None and current_sweep.watcher is not None:
        current_sweep.watcher.stop()
        current_sweep.watcher = None


def wait_for_the_others(sweep: Sweep) -> None:
    """Wait for the jobs that a launcher left alone because one was killed."""
    if sweep.launcher.endswith("LocalLauncher"):
        # They are children of this process, and there are no others.
        while True:
            try:
                os.wait()
            except ChildProcessError:
                return


def table_of_jobs(sweep: Sweep) -> str:
    """The results of a sweep that has ended, a row for each job; empty where there are none."""
    # Imported here: --help and the jobs need neither.
    from swarmhydra.results.sweep_table import sweep_table
    from swarmhydra.sweeps.opening import open_sweep

    try:
        return sweep_table(open_sweep(sweep.folder))
    except (OSError, ValueError) as error:
        log.debug("no table of the jobs: %s", error)
        return ""


def closing_words(sweep: Sweep, arguments: Sequence[str]) -> tuple[str, bool]:
    """The outcome of a sweep, and the command that runs what is missing.

    Parameters
    ----------
    sweep : Sweep
    arguments : sequence of str
        Of the command line that began it.

    Returns
    -------
    text : str
        A line for the sweep, and one for each job that has not finished.
    complete : bool
        Whether all jobs have.
    """
    present = jobs_so_far(sweep.folder)
    by_overrides = {job.overrides: job for job in present}
    plan = sweep.overrides or list(by_overrides)
    # Hydra notes the overrides of a job in the order of the command line, as they were planned.
    jobs = [(overrides, by_overrides.get(overrides)) for overrides in plan]
    missing = [pair for pair in jobs if pair[1] is None or pair[1].status != FINISHED]
    lines = [f"{len(jobs) - len(missing)} of {len(jobs)} jobs finished, in {sweep.folder}"]
    lines += [f"  {_in_a_line(*pair)}" for pair in missing]
    if missing:
        entries = [
            entry
            for entry in arguments
            if entry.partition("=")[0] not in ("resume", "hydra.sweep.dir")
        ]
        again = [*entries, f"hydra.sweep.dir={sweep.folder}", "resume=true"]
        lines.append(f"to run what is missing: python -m swarmhydra {shlex.join(again)}")
    return "\n".join(lines), not missing


def _in_a_line(overrides: tuple[str, ...], job: Job | None) -> str:
    """A job that has not finished, in a line."""
    point = " ".join(overrides)
    if job is None:
        return f"{point}: not started"
    return f"{job.name} ({point}): {job.status}{f', {job.reason}' if job.reason else ''}"


def _jobs_of(config: DictConfig) -> list[list[str]]:
    """The overrides of each job, as Hydra's own sweeper makes them; nothing for other sweepers."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    sweeper = config.hydra.sweeper
    if not str(sweeper["_target_"]).endswith(BasicSweeper.__name__):
        return []
    parameters = [f"{key}={value}" for key, value in (sweeper.get("params") or {}).items()]
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    overrides = parser.parse_overrides([*parameters, *config.hydra.overrides.task])
    return [job for batch in BasicSweeper.split_arguments(overrides, None) for job in batch]


def _checked_values(config: DictConfig, jobs: list[list[str]]) -> list[Config]:
    """Configurations in which every value of the sweep occurs, each of them checked.

    Not all jobs: a sweep over ten gases and a hundred fields needs a hundred and nine.
    """
    loader = GlobalHydra.instance().config_loader()
    checked_values: set[str] = set()
    configs = []
    for overrides in jobs:
        if checked_values.issuperset(overrides):
            continue
        checked_values.update(overrides)
        cfg = loader.load_sweep_config(config, list(overrides))
        try:
            with read_write(cfg):
                configs.append(checked(located(cfg, cfg.hydra)))
        except ConfigError as error:
            raise Refused(str(error)) from error
    return configs


def _share_cores(config: DictConfig, launcher: str, jobs: int) -> None:
    """Limit the threads of each job, so that jobs side by side share the cores."""
    # Imported here: --help need not wait for it. It knows the quota of a container.
    import joblib

    cores = joblib.cpu_count()
    threads = OmegaConf.select(config, "accel.threads")
    settings = config.hydra.launcher
    share = 1
    if launcher.endswith("JoblibLauncher"):
        workers = settings.n_jobs
        if workers == 0:
            raise Refused(
                "hydra.launcher.n_jobs=0: expected a number of processes, or -1 for one per core"
            )
        if workers < 0:
            workers = max(1, (cores + 1 + workers) // (threads or 1))
        workers = min(workers, jobs or workers)
        with read_write(config), open_dict(config):
            settings.n_jobs = workers
        share = cores // workers
    elif launcher.endswith("LocalLauncher"):
        share = cores // max(1, jobs)
    elif launcher.endswith("SlurmLauncher"):
        share = settings.cpus_per_task or 1
    # Workers inherit the environment, and so do jobs of Slurm.
    os.environ.setdefault(THREADS, str(max(1, threads or share)))


def _compile_once(configs: list[Config]) -> None:
    """Compile in a process of its own, so that this one stays without threads."""
    texts = {
        _picks_kernels(config): to_yaml(config)
        for config in configs
        if config.accel.backend is Backend.jit and config.method.kind is Method.monte_carlo
    }
    if not texts:
        return
    log.info("making sure that the kernels are compiled")
    with stop_signals.listening() as signals:
        process = subprocess.run(
            [sys.executable, "-c", _COMPILE],
            input=json.dumps(list(texts.values())),
            capture_output=True,
            text=True,
            check=False,
        )
    # Ctrl-C ends it too, and the sweep after it.
    if process.returncode != 0 and signals.received is None:
        # The jobs will run into the same error, and each reports it in its own log.
        log.warning("the kernels could not be compiled: %s", process.stderr.strip()[-300:])


def _picks_kernels(config: Config) -> tuple[object, ...]:
    """The settings that decide which kernels are needed besides those of every run."""
    sim = config.sim
    alternates, changes = sim.frequency > 0.0, sim.waveform.is_set
    return sim.bn > 0.0, alternates, changes, sim.angular_model, sim.ionization_directions
