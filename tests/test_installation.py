"""An installed package runs from any folder, with its own option files and with a user's."""

import os
import zipfile
from pathlib import Path

import pytest

import swarmhydra
from tests.helpers.checkout import checkout
from tests.helpers.programs import run_python
from tests.helpers.settings import ROUGH

MINE = """
name: mine
citation: A. User, J. Own Data 1 (2026) 1
energy_max: 200.0
components:
  X:
    mass: 40.0
    processes:
      - {kind: ELASTIC, name: X elastic, energies: [0, 1, 10, 100],
         cross_sections: [1.0e-20, 2.0e-20, 1.0e-19, 3.0e-20]}
      - {kind: IONIZATION, name: X ionization, threshold: 15.0, energies: [15, 30, 100],
         cross_sections: [0, 1.0e-20, 2.5e-20]}
"""

# A run of about a second.
BRIEF = (
    "sim.electrons=80",
    "sim.sub_swarms=4",
    "sim.en=300",
    "sim.stop.real_collisions=2e3",
    "sim.stop.wall_time=null",
    *ROUGH,
)


def python(folder: Path, *arguments: str, packages: Path | None = None) -> str:
    """Run Python in a folder, first looking for packages in another; return what it prints."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if packages is not None:
        environment["PYTHONPATH"] = str(packages)
    return run_python(*arguments, cwd=folder, env=environment, timeout=1200.0).stdout


@pytest.fixture
def own_options(tmp_path: Path) -> Path:
    """A user's folder with an option file of a gas."""
    folder = tmp_path / "a user's options"
    (folder / "gas").mkdir(parents=True)
    (folder / "gas" / "mine.yaml").write_text(MINE, encoding="utf-8")
    return folder


# A gas of the user's own


def test_a_gas_of_the_users_own_is_simulated_by_the_program(
    own_options: Path, tmp_path: Path
) -> None:
    arguments = ["--config-dir", str(own_options), "gas=mine", *BRIEF, "hydra.run.dir=out"]
    printed = python(tmp_path, "-m", "swarmhydra", *arguments)
    assert "mine" in printed
    tree = swarmhydra.open_run(tmp_path / "out")
    assert tree["gas"].item() == "mine"
    assert tree["process"].values.tolist() == ["X elastic", "X ionization"]
    assert tree["threshold"].values.tolist() == [0.0, 15.0]
    assert "J. Own Data" in tree.attrs["references"]
    assert (tree["rate_coefficient"] > 0.0).all()


def test_a_gas_of_the_users_own_is_simulated_by_the_function(own_options: Path) -> None:
    tree = swarmhydra.simulate("gas=mine", *BRIEF, config_dir=own_options)
    assert tree["process"].values.tolist() == ["X elastic", "X ionization"]
    assert tree["mean_energy"] > 0.0


@pytest.mark.slow
def test_program_and_function_find_the_same(own_options: Path, tmp_path: Path) -> None:
    arguments = ["--config-dir", str(own_options), "gas=mine", *BRIEF, "hydra.run.dir=out"]
    python(tmp_path, "-m", "swarmhydra", *arguments)
    saved = swarmhydra.open_run(tmp_path / "out")
    returned = swarmhydra.simulate("gas=mine", *BRIEF, config_dir=own_options)
    for group in ("/", "eedf", "time_series", "rng"):
        one, other = (each[group].to_dataset(inherit=False) for each in (saved, returned))
        assert one.equals(other), group


def test_options_of_the_user_come_on_top_of_the_shipped_ones(own_options: Path) -> None:
    tree = swarmhydra.simulate("gas=argon", *BRIEF, config_dir=own_options)
    assert tree["gas"].item() == "argon"


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the checkout; building it takes its build tool from the network."""
    folder = tmp_path_factory.mktemp("wheel")
    python(
        checkout(), "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), "."
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def packages(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel has been installed."""
    folder = tmp_path_factory.mktemp("site")
    install = ["install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)]
    python(folder, "-m", "pip", *install)
    return folder


@pytest.mark.slow
def test_the_wheel_holds_the_code_and_the_options_and_nothing_else(wheel: Path) -> None:
    root = checkout()
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = {
        "swarmhydra" / path.relative_to(root) if path.parts[len(root.parts)] == "conf" else path
        for folder, end in (
            ("conf", "yaml"),
            *(("swarmhydra", end) for end in ("py", "pyi", "html", "css", "md")),
        )
        for path in (root / folder).rglob(f"*.{end}")
    }
    expected = {
        str(path.relative_to(root)) if path.is_absolute() else str(path) for path in tracked
    }
    assert names == {*expected, "swarmhydra/py.typed"}


@pytest.mark.slow
def test_an_installed_package_finds_its_own_options(packages: Path, tmp_path: Path) -> None:
    code = (
        "import swarmhydra; from swarmhydra.config.option_files import config_dir; "
        "print(swarmhydra.__file__); print(config_dir())"
    )
    printed = python(tmp_path, "-c", code, packages=packages).split("\n")
    assert printed[:2] == [
        str(packages / "swarmhydra" / "__init__.py"),
        str(packages / "swarmhydra" / "conf"),
    ]


@pytest.mark.slow
def test_an_installed_package_runs_from_any_folder(
    packages: Path, own_options: Path, tmp_path: Path
) -> None:
    for gas in ("argon", "mine"):
        arguments = ["--config-dir", str(own_options), f"gas={gas}", f"hydra.run.dir={gas}"]
        python(tmp_path, "-m", "swarmhydra", *arguments, *BRIEF, packages=packages)
        assert swarmhydra.open_run(tmp_path / gas)["gas"].item() == gas
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a user's options", "argon", "mine"]


@pytest.mark.slow
def test_an_installed_package_sweeps(packages: Path, tmp_path: Path) -> None:
    sweep = ["sim.en=200,300", "hydra.sweep.dir=sweep"]
    python(tmp_path, "-m", "swarmhydra", "-m", *BRIEF, *sweep, packages=packages)
    for job, en in enumerate((200.0, 300.0)):
        assert swarmhydra.open_run(tmp_path / "sweep" / str(job))["en"] == en
