"""Without numba everything runs, on NumPy, and says so; without need it is not even imported."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swarmhydra.kernels import backends
from tests.helpers.programs import run_python
from tests.helpers.settings import NO_TARGETS, ROUGH

INSTALL_COMMAND = "python -m pip install --upgrade numba"

MISSING = "raise ModuleNotFoundError(\"No module named 'numba'\", name='numba')"

# Whatever may go wrong in a numba that does not fit what it stands beside.
NUMBAS_THAT_FAIL = {
    "missing": MISSING,
    "too old for numpy": "raise ImportError('Numba needs NumPy 1.26 or less. Got NumPy 2.4.')",
    "attribute error": "import numpy; numpy.no_such_function",
    "os error": "raise OSError('cannot load library libllvmlite.so')",
    "not numba at all": "",
}

TINY = [
    *("gas=argon", "sim.en=500", "sim.electrons=64", "sim.initial_energy=5", "sim.seed=3"),
    *NO_TARGETS,
    *ROUGH,
    "sim.stop.real_collisions=2e3",
    *("sim.sub_swarms=4", "sim.relaxation_collisions=100"),
]

TWO_RUNS = """
import json, logging, sys
import swarmhydra

class Messages(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

messages = Messages()
logging.getLogger().addHandler(messages)
runs = [swarmhydra.simulate(*sys.argv[1:], f"accel={name}") for name in ("jit", "jit_lut", "numpy")]
print(json.dumps({
    "messages": [line for line in messages.lines if "numba" in line],
    "asked": [run.attrs["backend_asked"] for run in runs],
    "ran": [run.attrs["backend_ran"] for run in runs],
    "accel": [str(run["accel"].item()) for run in runs],
    "mean_energy": [float(run["mean_energy"]) for run in runs],
    "threads": [int(run["perf"]["threads"]) for run in runs],
}))
"""

LOAD = """
import json, logging, sys
logging.basicConfig(format="%(message)s", stream=sys.stderr)
from swarmhydra.kernels import backends
print(json.dumps([backends.load("jit", 2).name for _ in range(3)]))
"""


def with_a_numba_that(fails: str, folder: Path) -> dict[str, str]:
    """An environment that finds another numba first."""
    package = folder / "numba"
    package.mkdir()
    (package / "__init__.py").write_text(fails + "\n")
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


@pytest.mark.slow
def test_without_numba_runs_go_to_numpy_and_say_so_once(tmp_path: Path) -> None:
    env = with_a_numba_that(MISSING, tmp_path)
    report: dict[str, Any] = json.loads(run_python("-c", TWO_RUNS, *TINY, env=env).stdout)
    (message,) = report["messages"]
    assert "accel.backend=jit" in message
    assert message.endswith(INSTALL_COMMAND)
    assert "\n" not in message
    assert report["asked"] == ["jit", "jit", "numpy"]
    assert report["ran"] == ["numpy", "numpy", "numpy"]
    assert report["accel"] == ["jit", "jit_lut", "numpy"]
    assert report["threads"] == [1, 1, 1]
    # The same algorithm on the same numbers: the option makes no difference but for its tables.
    asked_jit, asked_tables, asked_numpy = report["mean_energy"]
    assert asked_jit == asked_numpy
    assert np.isfinite(asked_tables)
    assert asked_tables != asked_numpy


@pytest.mark.parametrize("fails", NUMBAS_THAT_FAIL.values(), ids=NUMBAS_THAT_FAIL)
def test_a_numba_that_fails_in_any_way_is_one_that_is_missing(fails: str, tmp_path: Path) -> None:
    result = run_python("-c", LOAD, env=with_a_numba_that(fails, tmp_path))
    assert json.loads(result.stdout) == ["numpy"] * 3
    (line,) = result.stderr.splitlines()
    assert line.endswith(INSTALL_COMMAND)


def test_the_command_line_runs_without_numba(tmp_path: Path) -> None:
    env = with_a_numba_that(MISSING, tmp_path)
    overrides = [*TINY, "accel=jit", f"hydra.run.dir={tmp_path / 'run'}"]
    result = run_python("-m", "swarmhydra", *overrides, env=env, cwd=tmp_path)
    assert (result.stdout + result.stderr).count(INSTALL_COMMAND) == 1
    assert (tmp_path / "run" / "results.nc").is_file()


def test_numpy_is_asked_for_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    kernels = backends.load("numpy", 7)
    assert (kernels.name, kernels.threads, kernels.compile_seconds) == ("numpy", 1, 0.0)
    assert not caplog.records


# Not imported


def test_help_imports_neither_numba_nor_xarray(tmp_path: Path) -> None:
    result = run_python("-X", "importtime", "-m", "swarmhydra", "--help", cwd=tmp_path)
    assert "swarmhydra" in result.stdout
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "swarmhydra.config.help_page" in imported
    packages = {name.partition(".")[0] for name in imported}
    assert packages.isdisjoint({"numba", "llvmlite", "xarray", "netCDF4"})


@pytest.mark.parametrize(
    "script",
    [
        "import swarmhydra.run.simulation, swarmhydra.api, swarmhydra.app",
        "from swarmhydra.kernels import backends; backends.load('numpy', None)",
    ],
)
def test_numba_is_imported_by_who_asks_for_it_alone(script: str) -> None:
    ask = "; import sys; print([name for name in ('numba', 'llvmlite') if name in sys.modules])"
    assert run_python("-c", script + ask).stdout.strip() == "[]"
