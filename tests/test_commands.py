"""The command `swarmhydra`: help, lists, a run once more, two results side by side."""

import json
import os
import sys
from pathlib import Path

import pytest

import swarmhydra
from swarmhydra import __main__ as program
from swarmhydra.config.settings import all_settings
from swarmhydra.results.files import save
from swarmhydra.results.tree import build_tree
from tests.helpers.fake_record import fake_record
from tests.helpers.programs import run_python
from tests.helpers.settings import SAMPLED

pytestmark = pytest.mark.usefixtures("process_of_its_own")

BRIEF = (
    "sim.electrons=80",
    "sim.sub_swarms=4",
    "sim.en=300",
    "sim.stop.real_collisions=2e3",
    "sim.stop.wall_time=null",
    SAMPLED,
)


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Carry out a command with some arguments; its status, output and errors."""

    def carried_out(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["swarmhydra", *arguments])
        status = 0
        try:
            program.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, *capsys.readouterr()

    return carried_out


def test_help_names_commands_and_each_setting_with_its_value_and_meaning(output) -> None:
    status, page, _ = output("--help", "sim=quick", "sim.en=7")
    assert status == 0
    for name, words in program.COMMANDS.items():
        assert f"{name} " in page
        assert words in page
    for setting in all_settings():
        assert f"\n  {setting.key}=" in page
    assert "\n  sim.en=7\n      Reduced electric field E/N (Td)" in page
    assert "\n  sim.stop.wall_time=60\n" in page
    assert "None" not in page


def test_every_command_has_help(output) -> None:
    for name in program.COMMANDS:
        status, page, _ = output(name, "--help")
        assert status == 0
        assert "usage" in page.lower()


def test_the_version_is_ours(output) -> None:
    assert output("--version") == (0, f"swarmhydra {swarmhydra.__version__}\n", "")


def test_options_are_listed_with_what_they_are(output) -> None:
    _, every, _ = output("list")
    _, gases, _ = output("list", "gas")
    assert {line.partition("=")[0] for line in gases.splitlines()} == {"gas"}
    assert "gas=argon" in every
    assert "Fits to a complete set" in every
    assert "accel=jit_lut" in every


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("first")
    save(swarmhydra.simulate(*BRIEF), folder / "results.nc")
    return folder


def test_a_run_is_repeated_from_its_result(first_run: Path, output) -> None:
    file = first_run / "results.nc"
    assert output("rerun", str(file), "hydra.run.dir=again")[0] == 0
    first, again = (swarmhydra.open_run(folder) for folder in (first_run, "again"))
    assert first["mean_energy"].item() == again["mean_energy"].item()
    assert first.attrs["fingerprint"] == again.attrs["fingerprint"]
    assert f"rerun {file}" in again.attrs["history"]


@pytest.mark.slow
def test_a_sweep_can_start_from_a_result(first_run: Path) -> None:
    sweep = ("-m", "sim.en=logspace(200,800,2)", "hydra.sweep.dir=sweep")
    run_python("-m", "swarmhydra", "rerun", str(first_run), *sweep)
    assert swarmhydra.open_sweep("sweep")["en"].values.tolist() == [200.0, 800.0]


@pytest.mark.parametrize("arguments", [(), ("nothing.nc",), ("sim.en=3",)])
def test_what_cannot_be_repeated_is_refused_in_a_line(output, arguments: tuple[str, ...]) -> None:
    status, out, err = output("rerun", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("rerun")
    assert err.count("\n") == 1


def test_two_results_are_compared_in_the_terminal(output) -> None:
    for name in ("one", "other"):
        save(
            build_tree(fake_record(en=100.0, bins=5, samples=3, sub_swarms=4)), f"{name}/results.nc"
        )
    status, table, _ = output("compare", "one", "other")
    assert status == 0
    assert "mean_energy" in table
    assert "in combined errors" in table
    assert output("compare", "one", "nowhere")[0] == 2


def test_shells_complete_commands_and_settings() -> None:
    def choices(line: str) -> list[str]:
        environment = {**os.environ, "COMP_LINE": line}
        return run_python("-m", "swarmhydra", "-sc", "query=bash", env=environment).stdout.split()

    assert {"report", "rerun"} <= set(choices("swarmhydra re"))
    assert "sim.electrons=" in choices("swarmhydra run sim.elec")
    assert choices("swarmhydra report mul") == []


def test_the_schema_of_the_settings_knows_ranges_and_units(output) -> None:
    schema = json.loads(output("schema")[1])
    sim = schema["$defs"]["SimConfig"]["properties"]
    assert sim["en"] == {
        "type": "number",
        "minimum": 0.0,
        "maximum": 1e5,
        "description": "Reduced electric field E/N (Td); the amplitude of an alternating one.",
        "default": 100.0,
    }
    assert schema["properties"]["sim"]["$ref"] == "#/$defs/SimConfig"
    assert "enum" in json.loads(output("schema", "accel")[1])["properties"]["backend"]
    assert output("schema", "gass")[0] == 2
