"""What the program survives: faults on purpose, by class, from a seed.

Usage: ``python -m benchmarks.faults [--quick] [--seed N] [--output FOLDER]``

Each class makes many faults at random moments or places and counts those that were survived: no
result is lost or false, no traceback is shown, no signal is swallowed, nothing is endless, and
what is started again ends with the same bytes as if nothing had happened. The status of the program
is 1 if anything else was seen; it is printed below the table.
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr

import swarmhydra
from benchmarks import report, study
from swarmhydra.config import ConfigError
from swarmhydra.config.compose import composed
from swarmhydra.run.checked import checked
from swarmhydra.run.methods import carry_out
from swarmhydra.run.simulation import NothingMeasured

RUN = (
    "accel=numpy",
    "sim=quick",
    "sim.electrons=64",
    "sim.sub_swarms=4",
    "sim.stop.wall_time=null",
    "sim.stop.rel_error.mean_energy=null",
    "sim.stop.rel_error.drift_velocity_flux=null",
    "sim.stop.real_collisions=1e5",
    "sim.checkpoint_every=0.1",
)

SWEEP = ("-m", *RUN, "sim.en=60,80,110")

TIMEOUT = 300.0
"""Time after which a program counts as endless (s)."""

LONGEST_WAIT = 12.0
"""Latest moment of a signal (s): after that most runs have ended."""

VALUES = ("0", "-1", "1e-308", "1e-30", "1e-9", "1.5", "1e9", "1e30", "1e308", "nan", "inf", "-inf")

KEYS = (
    "gas.energy_max",
    "sim.en",
    "sim.bn",
    "sim.eb_angle",
    "sim.frequency",
    "sim.phases",
    "sim.temperature",
    "sim.pressure",
    "sim.electrons",
    "sim.sub_swarms",
    "sim.seed",
    "sim.replica",
    "sim.initial_energy",
    "sim.initial_spread",
    "sim.window",
    "sim.memory_windows",
    "sim.max_ionization_growth_factor",
    "sim.relaxation_collisions",
    "sim.log_every_k",
    "sim.blend_low",
    "sim.blend_high",
    "sim.angular_parameter",
    "sim.sharing_fraction",
    "sim.opal_width",
    "sim.opal_exponent",
    "sim.vibrational_temperature",
    "sim.rotational_temperature",
    "sim.checkpoint_every",
    "sim.stop.real_collisions",
    "sim.stop.simulated_time",
    "sim.stop.wall_time",
    "sim.stop.rel_error.mean_energy",
    "sim.stop.rel_error.rates",
    "accel.max_coll_lut_size",
    "accel.collision_lut_size",
    "accel.threads",
)
"""Settings with a number; each gets some of the `VALUES`."""


@dataclass
class Tally:
    """The faults of one class.

    Attributes
    ----------
    tried : int
        Faults that were made.
    failures : list of str
        What was seen that should not be.
    """

    tried: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ended:
    """A program that has ended: its status, and what it wrote."""

    status: int
    out: str
    err: str


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Make the faults of all classes."""
    share = 0.05 if options.quick else 1.0
    classes: dict[str, tuple[Callable[[random.Random, Path, int, Tally], None], int]] = {
        "signals to single runs": (signals, 100),
        "signals to sweeps": (sweeps, 30),
        "two processes in one folder": (two_processes, 20),
        "nearly full disks": (full_disks, 20),
        "damaged files": (damaged_files, 50),
        "extreme settings": (extreme_settings, 500),
    }
    tallies = {}
    for name, (make, number) in classes.items():
        tallies[name] = tally = Tally()
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            make(random.Random(options.seed), Path(folder), max(2, round(share * number)), tally)
        report.say(f"{name}: {tally.tried} tried, {len(tally.failures)} not survived")
    rows = [[name, t.tried, t.tried - len(t.failures)] for name, t in tallies.items()]
    report.table("Faults", ("class", "tried", "survived"), rows)
    for name, tally in tallies.items():
        for failure in tally.failures:
            report.say(f"{name}: {failure}")
    units = {"units": "1"}
    counts = np.array([row[1:] for row in rows], dtype=np.int64)
    return xr.Dataset(
        {"tried": ("class", counts[:, 0], units), "survived": ("class", counts[:, 1], units)},
        coords={"class": list(tallies)},
    )


def signals(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Chains of runs that are stopped again and again until one comes to its end."""
    expected = undisturbed(folder / "expected")
    chain = 0
    while tally.tried < number:
        chain += 1
        place = folder / f"chain{chain}"
        while True:
            signum = rng.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
            twice = signum == signal.SIGINT and rng.random() < 0.3
            moment = rng.uniform(0.0, LONGEST_WAIT)
            ended, sent = stopped([*RUN, f"hydra.run.dir={place}"], moment, signum, twice)
            if not sent:
                break
            tally.tried += 1
            what = f"{signal.Signals(signum).name}{' twice' if twice else ''} after {moment:.2f} s"
            allowed = {0, 128 + signum, -signal.SIGKILL if signum == signal.SIGKILL else 0}
            judge(tally, ended, allowed, what)
            if ended.status == 0:
                break
        compare(tally, place, expected, f"the end of chain {chain}")


def sweeps(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Sweeps whose program, or whose whole group of processes, gets a signal."""
    expected = folder / "expected"
    run([*SWEEP, f"hydra.sweep.dir={expected}"])
    while tally.tried < number:
        tally.tried += 1
        launcher = ("basic", "joblib", "submitit_local")[tally.tried % 3]
        signum = rng.choice([signal.SIGTERM, signal.SIGINT])
        group = rng.random() < 0.5
        moment = rng.uniform(0.0, 3.0 * LONGEST_WAIT)
        place = folder / f"sweep{tally.tried}"
        arguments = [*SWEEP, f"hydra/launcher={launcher}", f"hydra.sweep.dir={place}"]
        ended, _ = stopped(arguments, moment, signum, group=group)
        whom = "the group" if group else "the program"
        what = f"{launcher}: {signal.Signals(signum).name} to {whom} after {moment:.2f} s"
        judge(tally, ended, {0, 128 + signum, 1}, what)
        again = run([*arguments, "resume=true"])
        judge(tally, again, {0}, f"{what}, resumed")
        compare_sweeps(tally, place, expected, what)


def two_processes(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """The same folder for two runs, of the same settings or of other ones."""
    expected = {seed: undisturbed(folder / f"seed{seed}", f"sim.seed={seed}") for seed in (1, 2)}
    while tally.tried < number:
        tally.tried += 1
        place = folder / f"both{tally.tried}"
        other = rng.choice([1, 2])
        lag = rng.uniform(0.0, 3.0)
        with start([*RUN, "sim.seed=1", f"hydra.run.dir={place}"]) as first:
            time.sleep(lag)
            with start([*RUN, f"sim.seed={other}", f"hydra.run.dir={place}"]) as second:
                ends = [end_of(each) for each in (first, second)]
        what = f"seeds 1 and {other}, {lag:.2f} s apart"
        for ended in ends:
            judge(tally, ended, {0, 2}, what)
        winners = [seed for seed, ended in zip((1, other), ends, strict=True) if ended.status == 0]
        if not winners:
            tally.failures.append(f"{what}: both gave up")
        else:
            compare(tally, place, expected[winners[0]], what)


def full_disks(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Files that cannot grow beyond a size, as on a full disk or with a quota."""
    expected = undisturbed(folder / "expected")
    while tally.tried < number:
        tally.tried += 1
        size = int(10 ** rng.uniform(2.0, 6.7))
        place = folder / f"disk{tally.tried}"
        arguments = [*RUN, f"hydra.run.dir={place}"]
        ended = run(arguments, largest_file=size)
        judge(tally, ended, {0, 1, 2}, f"files of {size} bytes at most")
        if ended.status != 0 and "annot write" not in ended.err:
            tally.failures.append(f"files of {size} bytes at most: {ended.err[-200:]!r}")
        judge(tally, run(arguments), {0}, f"more room after files of {size} bytes at most")
        compare(tally, place, expected, f"files of {size} bytes at most")


def damaged_files(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Checkpoints, status files and results that were cut off, changed, or replaced."""
    expected = undisturbed(folder / "expected")
    origin = folder / "origin"
    for moment in np.arange(4.0, 60.0):
        if (origin / "checkpoint.npz").is_file():
            break
        stopped([*RUN, f"hydra.run.dir={origin}"], float(moment), signal.SIGTERM)
    while tally.tried < number:
        tally.tried += 1
        place = folder / f"damaged{tally.tried}"
        name = rng.choice(["checkpoint.npz", "job.yaml"])
        shutil.copytree(origin, place)
        (place / "results.nc").unlink(missing_ok=True)
        how = damage(rng, place / name)
        arguments = [*RUN, f"hydra.run.dir={place}"]
        ended = run(arguments)
        judge(tally, ended, {0, 2}, f"{name} {how}")
        if ended.status == 2:
            (place / name).unlink()
            judge(tally, run(arguments), {0}, f"without the {name} that was {how}")
        compare(tally, place, expected, f"{name} {how}")


def damage(rng: random.Random, path: Path) -> str:
    """Damage a file; how."""
    content = bytearray(path.read_bytes())
    how = rng.choice(["cut off", "changed", "empty", "replaced"])
    if how == "cut off":
        del content[rng.randrange(len(content)) :]
    elif how == "changed":
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif how == "empty":
        content.clear()
    else:
        content = bytearray(rng.randbytes(1000))
    path.write_bytes(content)
    return how


def extreme_settings(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Single settings at values that make no sense, or nearly none."""
    pairs = [(key, value) for key in KEYS for value in VALUES]
    rng.shuffle(pairs)
    for key, value in (pairs * 2)[:number]:
        tally.tried += 1
        failure = in_a_fork(
            [*RUN, "sim.stop.real_collisions=2e3", "sim.stop.wall_time=2"], key, value
        )
        if failure:
            tally.failures.append(f"{key}={value}: {failure}")


def in_a_fork(settings: Sequence[str], key: str, value: str) -> str:
    """Run with a setting in a child process; what was seen that should not be."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        signal.alarm(60)
        said = ""
        try:
            carry_out(checked(composed([*settings, f"{key}={value}"])))
        except (ConfigError, NothingMeasured) as error:
            said = f"{error}" if "\n" in str(error) else ""
        except BaseException as error:
            said = repr(error)
        os.write(writer, said.encode()[:500])
        os._exit(0)
    os.close(writer)
    _, state = os.waitpid(child, 0)
    with os.fdopen(reader) as stream:
        said = stream.read()
    status = os.waitstatus_to_exitcode(state)
    return said if status == 0 else f"ended by {status}"


def undisturbed(folder: Path, *more: str) -> Path:
    """The folder of a run to which nothing happened."""
    ended = run([*RUN, *more, f"hydra.run.dir={folder}"])
    if ended.status != 0:
        raise RuntimeError(ended.err)
    return folder


@contextlib.contextmanager
def start(arguments: Sequence[str], largest_file: int | None = None) -> Iterator["Process"]:
    """A program of its own group of processes."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = subprocess.Popen(
        [sys.executable, "-m", "swarmhydra", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=limit,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


Process = subprocess.Popen[str]


def end_of(process: Process) -> Ended:
    """Wait for a program; one that is endless has the status of a timeout, 124."""
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return Ended(124, out, err)
    return Ended(process.returncode, out, err)


def run(arguments: Sequence[str], largest_file: int | None = None) -> Ended:
    """Run a program to its end."""
    with start(arguments, largest_file) as process:
        return end_of(process)


def stopped(
    arguments: Sequence[str], moment: float, signum: int, twice: bool = False, group: bool = False
) -> tuple[Ended, bool]:
    """Run a program that gets a signal at a moment; whether it was still running then."""
    with start(arguments) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        sent = process.poll() is None
        for _ in range(2 if twice else 1):
            if process.poll() is None:
                (os.killpg if group else os.kill)(process.pid, signum)
                time.sleep(0.1 if twice else 0.0)
        return end_of(process), sent


def judge(tally: Tally, ended: Ended, allowed: set[int], what: str) -> None:
    """Note an ending that should not be."""
    if ended.status not in allowed:
        tally.failures.append(f"{what}: status {ended.status}, {ended.err[-300:]!r}")
    elif "Traceback" in ended.err or "Logging error" in ended.err:
        tally.failures.append(f"{what}: a traceback, {ended.err[-300:]!r}")


def compare(tally: Tally, folder: Path, expected: Path, what: str) -> None:
    """Note a result that is not there, or not the same."""
    try:
        one, two = swarmhydra.open_run(folder), swarmhydra.open_run(expected)
    except (OSError, ValueError) as error:
        tally.failures.append(f"{what}: no result, {error}")
        return
    for path in ("/", "/eedf", "/time_series", "/rng"):
        pair = [tree[path].to_dataset(inherit=False).drop_attrs() for tree in (one, two)]
        if not pair[0].identical(pair[1]):
            tally.failures.append(f"{what}: another result in {path}")
            return


def compare_sweeps(tally: Tally, folder: Path, expected: Path, what: str) -> None:
    """Note jobs of a sweep without a result, or with another one."""
    for job in ("0", "1", "2"):
        compare(tally, folder / job, expected / job, f"{what}, job {job}")


if __name__ == "__main__":
    study.main("faults", __doc__, measure, {"--seed": {"type": int, "default": 1}})
