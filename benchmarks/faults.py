"""What the program survives: faults on purpose, by class, from a seed.

Usage: ``python -m benchmarks.faults [CLASS ...] [--quick] [--seed N] [--output FOLDER]``

Each class makes many faults at random moments or places and counts those that were survived: no
result is lost or false, no traceback is shown, no signal is swallowed, nothing is endless, and
what is started again ends with the same bytes as if nothing had happened. The status of the program
is 1 if anything else was seen; it is printed as it is seen.
"""

import argparse
import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from benchmarks import report, study
from benchmarks.disturbed import (
    Tally,
    allowed,
    collisions_done,
    compare,
    end_of,
    judge,
    run,
    run_in_a_fork,
    start,
    stopped,
)
from swarmhydra.config import ConfigError
from swarmhydra.config.compose import composed
from swarmhydra.job_folder.status import CHECKPOINT
from swarmhydra.run.checked import checked
from swarmhydra.run.methods import carry_out
from swarmhydra.run.simulation import NothingMeasured

SHORT = (
    "sim=quick",
    "sim.electrons=64",
    "sim.sub_swarms=4",
    "sim.stop.wall_time=null",
    "sim.stop.rel_error.mean_energy=null",
    "sim.stop.rel_error.drift_velocity_flux=null",
    "sim.checkpoint_every=0.1",
)

FEW = "sim.stop.real_collisions=2e4"
MANY = "sim.stop.real_collisions=2e6"
"""With compiled kernels a run of fewer is over before a checkpoint tells how far it is."""

# Of all gases that with the least to compute.
RUN = ("accel=numpy", "gas=hard_sphere", FEW, *SHORT)

SAMPLED = ("gas=reid_ramp", "sim.en=12", "sim.temperature=0", "method.control_variates=off")

PULSE = (
    *("sim.waveform.kind=square", "sim.waveform.duration=12e-12", "sim.waveform.width=4e-12"),
    *("sim.waveform.start=3e-12", "sim.waveform.rise=1e-12", "sim.waveform.bins=6"),
)

RUNS = (
    RUN,
    # Begins with a relaxation and a calibration.
    ("accel=numpy", FEW, *SAMPLED, *SHORT),
    ("accel=jit", "accel.threads=1", "gas=hard_sphere", MANY, *SHORT),
    ("accel=jit", "accel.threads=1", "gas=argon", "sim.en=500", "sim.frequency=2e11", MANY, *SHORT),
    ("accel=numpy", "gas=argon", "sim.en=600", FEW, *PULSE, *SHORT),
)
"""Runs that differ in their stages and in their kernels."""

SWEEP = ("-m", *RUN, "sim.en=60,80,110")

JOBS = ("0", "1", "2")

LAUNCHERS = ("basic", "joblib", "submitit_local")

VALUES = (
    *("0", "-0.0", "-1", "1e-308", "1e-30", "1e-9", "1.5", "1e9", "1e30", "1e308", "1e999"),
    *("nan", "inf", "-inf", "null", "[]", "[1,2]", "{}", "''", "'7'", "yes", "off", "seven", "ü"),
)

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
    "sim.waveform.en",
    "sim.waveform.times",
    "sim.waveform.width",
    "method.terms",
)
"""Settings with a number; each gets some of the `VALUES`."""


def main() -> None:
    """Make faults; end with status 1 if one of them was not survived."""
    options = {
        "classes": {"nargs": "*", "choices": [[], *CLASSES], "metavar": "CLASS"},
        "--seed": {"type": int, "default": 1},
    }
    options["classes"]["help"] = f"of {', '.join(CLASSES)}; all of them by default"
    figures = study.main("faults", __doc__, measure, options)
    if (figures["tried"] > figures["survived"]).any():
        sys.exit(1)


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Make the faults of the classes that are asked for."""
    tallies = {}
    for name in options.classes or CLASSES:
        make, number, few = CLASSES[name]
        tallies[name] = tally = Tally()
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            rng = random.Random(f"{options.seed} {name}")
            try:
                make(rng, Path(folder), few if options.quick else number, tally)
            except KeyboardInterrupt:
                report.say(f"  ended by Ctrl-C after {tally.tried}")
        report.say(f"{name}: {tally.tried} tried, {len(tally.failures)} not survived")
    rows = [[name, t.tried, t.tried - len(t.failures)] for name, t in tallies.items()]
    report.table("Faults", ("class", "tried", "survived"), rows)
    units = {"units": "1"}
    counts = np.array([row[1:] for row in rows], dtype=np.int64)
    return xr.Dataset(
        {"tried": ("class", counts[:, 0], units), "survived": ("class", counts[:, 1], units)},
        coords={"class": list(tallies)},
    )


def signals(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Chains of runs that are stopped again and again until one comes to its end."""
    for chain, settings in enumerate(itertools.cycle(RUNS)):
        if tally.tried >= number:
            break
        expected, took = undisturbed(folder / f"expected{chain}", settings)
        place = folder / f"chain{chain}"
        while True:
            signum = rng.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
            twice = signum == signal.SIGINT and rng.random() < 0.3
            moment = rng.uniform(0.0, 1.2 * took)
            arguments = [*settings, f"hydra.run.dir={place}"]
            done = share_done([place], [expected])
            ended = stopped(arguments, moment, signum, twice, share_done=done)
            tally.tried += ended.told
            what = f"{signal.Signals(signum).name}{' twice' if twice else ''} after {moment:.2f} s"
            what = f"run {chain % len(RUNS)}: {what}"
            judge(tally, ended, {0, endings(signum)}, what)
            if ended.status == 0:
                break
        compare(tally, place, expected, f"the end of chain {chain}")


def sweeps(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Sweeps whose program, or whose whole group of processes, gets a signal."""
    expected = folder / "expected"
    began = time.monotonic()
    run([*SWEEP, f"hydra.sweep.dir={expected}"])
    took = time.monotonic() - began
    for attempt in itertools.count():
        if tally.tried >= number:
            break
        launcher = LAUNCHERS[tally.tried % len(LAUNCHERS)]
        signum = rng.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
        # Workers outlive a launcher that is killed alone; they end after their job.
        group = rng.random() < 0.5
        moment = rng.uniform(0.0, took)
        place = folder / f"sweep{attempt}"
        arguments = [*SWEEP, f"hydra/launcher={launcher}", f"hydra.sweep.dir={place}"]
        folders = ([folder / job for job in JOBS] for folder in (place, expected))
        ended = stopped(arguments, moment, signum, group=group, share_done=share_done(*folders))
        tally.tried += ended.told
        whom = "the group" if group else "the program"
        what = f"{launcher}: {signal.Signals(signum).name} to {whom} after {moment:.2f} s"
        judge(tally, ended, {0, endings(signum)}, what)
        if ended.status > 0 and "resume=true" not in ended.err and "before" not in ended.err:
            tally.fail(f"{what}: no summary, {ended.err[-300:]!r}")
        again = run([*arguments, "resume=true"])
        judge(tally, again, {0}, f"{what}, resumed")
        for job in JOBS:
            compare(tally, place / job, expected / job, f"{what}, job {job}")
        shutil.rmtree(place)


def share_done(folders: Sequence[Path], expected: Sequence[Path]) -> Callable[[], float]:
    """What tells the share of their work that runs have done by now, given their whole results."""
    whole = [collisions_done(folder) for folder in expected]
    return lambda: sum(map(collisions_done, folders)) / sum(whole)


def endings(signum: int) -> int:
    """The status of a program that a signal has ended."""
    return -signum if signum == signal.SIGKILL else 128 + signum


def two_processes(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """The same folder for two runs, of the same settings or of other ones."""
    settings = {seed: (*RUN, f"sim.seed={seed}") for seed in (1, 2)}
    expected = {seed: undisturbed(folder / f"seed{seed}", settings[seed])[0] for seed in (1, 2)}
    while tally.tried < number:
        tally.tried += 1
        place = folder / f"both{tally.tried}"
        other = rng.choice([1, 2])
        lag = rng.uniform(0.0, 3.0)
        with start([*settings[1], f"hydra.run.dir={place}"]) as first:
            time.sleep(lag)
            with start([*settings[other], f"hydra.run.dir={place}"]) as second:
                ends = [end_of(each) for each in (first, second)]
        what = f"seeds 1 and {other}, {lag:.2f} s apart"
        for ended in ends:
            judge(tally, ended, {0, 2}, what)
        winners = [seed for seed, ended in zip((1, other), ends, strict=True) if ended.status == 0]
        if not winners:
            tally.fail(f"{what}: both gave up")
        else:
            compare(tally, place, expected[winners[0]], what)


def full_disks(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Small file systems where they may be mounted, else files that cannot grow beyond a size."""
    expected, _ = undisturbed(folder / "expected")
    while tally.tried < number:
        tally.tried += 1
        size = int(10 ** rng.uniform(3.7, 6.7))
        what = f"room for {size} bytes"
        with small_disk(folder / f"disk{tally.tried}", size) as grow:
            place = folder / f"disk{tally.tried}" / "run"
            arguments = [*RUN, f"hydra.run.dir={place}"]
            ended = run(arguments, largest_file=None if grow else size)
            judge(tally, ended, {0, 1, 2}, what)
            if ended.status != 0 and "annot write" not in ended.err:
                tally.fail(f"{what}: {ended.err[-200:]!r}")
            if grow:
                grow()
            judge(tally, run(arguments), {0}, f"more than {what}")
            compare(tally, place, expected, what)


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Callable[[], None] | None]:
    """A folder on a file system of some bytes, with what makes it large; None if not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        yield None
        return
    larger = ["mount", "-o", "remount,size=100m", str(folder)]
    try:
        yield lambda: subprocess.run(larger, check=True) and None
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def damaged_files(rng: random.Random, folder: Path, number: int, tally: Tally) -> None:
    """Checkpoints and status files that were cut off, changed, or replaced."""
    expected, took = undisturbed(folder / "expected")
    origin = folder / "origin"
    for moment in np.linspace(0.3 * took, took, 30):
        if (origin / CHECKPOINT).is_file():
            break
        stopped([*RUN, f"hydra.run.dir={origin}"], float(moment), signal.SIGTERM)
    while tally.tried < number:
        tally.tried += 1
        place = folder / f"damaged{tally.tried}"
        name = rng.choice([CHECKPOINT, "job.yaml"])
        shutil.copytree(origin, place)
        (place / "results.nc").unlink(missing_ok=True)
        how = damage(rng, place / name)
        arguments = [*RUN, f"hydra.run.dir={place}"]
        ended = run_in_a_fork(arguments)
        judge(tally, ended, {0, 2}, f"{name} {how}")
        if ended.status == 2:
            (place / name).unlink()
            judge(tally, run_in_a_fork(arguments), {0}, f"without the {name} that was {how}")
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
    for key, value in pairs[:number]:
        tally.tried += 1
        short = ("sim.stop.real_collisions=2e3", "sim.stop.wall_time=1")
        failure = in_a_fork([*RUN, *short], key, value)
        if failure:
            tally.fail(f"{key}={value}: {failure}")


def in_a_fork(settings: Sequence[str], key: str, value: str) -> str:
    """Run with a setting in a child process; what was seen that should not be."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        signal.alarm(int(allowed(60.0)))
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


def undisturbed(folder: Path, settings: Sequence[str] = RUN) -> tuple[Path, float]:
    """The folder of a run to which nothing happened, and how long it took (s)."""
    began = time.monotonic()
    ended = run([*settings, f"hydra.run.dir={folder}"])
    if ended.status != 0:
        raise RuntimeError(ended.err)
    return folder, time.monotonic() - began


CLASSES: dict[str, tuple[Callable[[random.Random, Path, int, Tally], None], int, int]] = {
    "signals": (signals, 100, 3),
    "sweeps": (sweeps, 30, 1),
    "two_processes": (two_processes, 20, 1),
    "full_disks": (full_disks, 20, 1),
    "damaged_files": (damaged_files, 50, 1),
    "extreme_settings": (extreme_settings, 500, 5),
}
"""The function of each class, and its number of faults: all, or a few."""


if __name__ == "__main__":
    main()
