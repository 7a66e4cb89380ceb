"""What the documentation says is what the program does: commands, snippets, settings, examples."""

import ast
import csv
import dataclasses
import doctest
import importlib
import importlib.util
import inspect
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from scipy import stats

import swarmhydra
from swarmhydra.__main__ import COMMANDS
from swarmhydra.config import settings
from swarmhydra.config.compose import composed
from swarmhydra.results.variables import VARIABLES
from swarmhydra.run.checked import checked
from tests.helpers.checkout import checkout
from tests.helpers.programs import run_python
from tests.helpers.settings import FASTEST_ACCEL

ROOT = checkout()
PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("[!_]*/*.md"))]
PAGES += ["docs/tutorial.md", "docs/examples.md", "docs/index.md"]

# What the tests add to the commands of the README, some of which ask for minutes.
SHORTER = (
    f"accel={FASTEST_ACCEL}",
    "sim=quick",
    "sim.electrons=400",
    "sim.relaxation_collisions=3000",
    "sim.stop.real_collisions=1",
)


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    language: str
    text: str

    def commands(self) -> list[list[str]]:
        """The words of each command of a shell block, comments left out."""
        joined = self.text.replace("\\\n", " ")
        parts = [part for line in joined.splitlines() for part in re.split(r"&&", line)]
        return [words for part in parts if (words := shlex.split(part, comments=True))]


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    # That of sweeps belongs to the tests of sweeps, which run it.
    text = re.sub(r"<!-- post-analysis -->\n```.*?```", "", text, flags=re.S)
    return [Block(page, *found) for found in re.findall(r"^```(\w+)\n(.*?)^```", text, re.M | re.S)]


def module(path: Path) -> ModuleType:
    """A Python file that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def swarmhydra_arguments(words: list[str]) -> list[str] | None:
    """The arguments of a run by `swarmhydra` or `python -m swarmhydra`; None for other commands."""
    python = re.fullmatch(r"(\S*/)?python3?", words[0]) is not None
    if not (words[0] == "swarmhydra" or (python and words[1:3] == ["-m", "swarmhydra"])):
        return None
    arguments = words[1:] if words[0] == "swarmhydra" else words[3:]
    return None if arguments[:1] and arguments[0] in COMMANDS else arguments


def needs_a_download(words: list[str]) -> bool:
    """Whether a command is about cross sections that may not be shipped."""
    return ".txt" in " ".join(words)


ALL_COMMANDS = [
    pytest.param(words, id=f"{page}: {' '.join(words)}")
    for page in PAGES
    for block in blocks(page)
    if block.language == "sh"
    for words in block.commands()
    if swarmhydra_arguments(words) is not None and not needs_a_download(words)
]


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_every_command_has_settings_that_exist(words: list[str], tmp_path: Path) -> None:
    """Composed and checked as the program does, for the first job of a sweep, but not run."""
    arguments = swarmhydra_arguments(words)
    assert arguments is not None
    if "--help" in arguments:
        return
    own = None
    if "--config-dir" in arguments:
        own = own_gas(tmp_path)
        arguments = arguments[2:]
    overrides = [first_of(argument) for argument in arguments if argument != "-m"]
    config = checked(composed(overrides, own))
    assert config.gas.name


def first_of(override: str) -> str:
    """An override with the first of its values; lists and tables as they are."""
    key, equals, value = override.partition("=")
    if value[:1] in "[{'":
        return override
    return f"{key}{equals}{value.removeprefix('range(').removeprefix('logspace(').split(',')[0]}"


def own_gas(folder: Path) -> Path:
    """The option file that the page about own gases shows."""
    (text,) = [block.text for block in blocks("docs/howto/own_gas.md") if block.language == "yaml"]
    (folder / "conf" / "gas").mkdir(parents=True)
    (folder / "conf" / "gas" / "mine.yaml").write_text(text)
    return folder / "conf"


def run_in(folder: Path, *arguments: str) -> str:
    """Run Python as a page says; it has to succeed."""
    environment = {**os.environ, "MPLBACKEND": "agg", "COLUMNS": "100"}
    return run_python(*arguments, cwd=folder, env=environment, timeout=3600.0).stdout


def follow(page: str, folder: Path, shorter: bool) -> None:
    """Do what a page says, block after block, in one folder and one Python session."""
    script: list[str] = []
    for block in blocks(page):
        if block.language == "python":
            script.append(block.text)
            (folder / "session.py").write_text("\n".join(script))
            run_in(folder, "session.py")
        elif block.language == "sh":
            for words in block.commands():
                if words[0] == "." or {"pip", "venv", "pytest"} & set(words) or "pip" in words[0]:
                    continue  # The installation and its tests: .ci/run does that, word for word.
                if {"submitit_slurm", "THE_FOLDER"} & set(re.split(r"[ =]", " ".join(words))):
                    continue  # A cluster; what went wrong in a sweep: tested with sweeps.
                if needs_a_download(words):
                    continue
                own = swarmhydra_arguments(words) is not None and "--help" not in words
                more = shorter_than(words) if own and shorter else []
                if words[0] == "swarmhydra":
                    words = ["python", "-m", *words]
                assert Path(words[0]).name == "python"
                run_in(folder, *words[1:], *more)


def shorter_than(words: list[str]) -> list[str]:
    """What makes a command shorter, without what it sets itself."""
    set_keys = {word.partition("=")[0] for word in words}
    return [word for word in SHORTER if word.partition("=")[0] not in set_keys]


@pytest.mark.slow
def test_the_tutorial_can_be_followed_word_for_word(tmp_path: Path) -> None:
    follow("docs/tutorial.md", tmp_path, shorter=False)
    for name in ("eepf.png", "drift.png", "overview.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    for folder in ("outputs/first", "multirun/three"):
        assert "<html" in (tmp_path / folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_readme_can_be_followed(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    follow("README.md", tmp_path, shorter=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "study",
    ["argon_transport", "reid_ramp_benchmark", "exb_sweep", "argon_pulse", "argon_harmonics"],
)
def test_studies_run_and_draw_their_figures(study: str, tmp_path: Path) -> None:
    arguments = ("-m", "swarmhydra", f"+experiment={study}", *SHORTER)
    # Two points instead of all.
    few = {"exb_sweep": "sim.bn=20,100", "argon_harmonics": "sim.waveform.phases=[0,0],[0,90]"}
    run_in(tmp_path, *arguments, few.get(study, "sim.en=20,100"))
    run_in(tmp_path, str(ROOT / "examples" / f"{study}.py"))
    figure = tmp_path / "multirun" / study / f"{study}.png"
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert (ROOT / "docs" / "images" / f"{study}.png").is_file()


def test_every_setting_is_documented_with_its_range_and_unit() -> None:
    page = module(ROOT / "docs" / "generate.py").settings()
    keys = [each.key for each in settings.all_settings()]
    rows = {
        key: line for key in keys for line in page.splitlines() if line.startswith(f"| `{key}` |")
    }
    assert set(rows) == set(keys)
    assert {"sim.en", "accel.threads", "sim.stop.rel_error.mean_energy"} <= set(rows)
    for key, row in rows.items():
        _, _, meaning, default, allowed, _ = (cell.strip() for cell in re.split(r"(?<!\\)\|", row))
        assert default, key
        assert allowed, key
        assert meaning, key
    assert "(Td)" in rows["sim.en"]
    assert "| `3600` |" in rows["sim.stop.wall_time"]
    assert "| `auto` |" in rows["sim.stop.rel_error.rates"]


def test_every_setting_has_a_meaning_of_its_own() -> None:
    for schema in settings.GROUPS.values():
        described = settings.meanings(schema)
        assert set(described) == {field.name for field in dataclasses.fields(schema)}, schema
        # The groups of the whole configuration are described together.
        own = [words for name, words in described.items() if name not in settings.GROUPS]
        assert len(set(own)) == len(own), schema


def test_every_variable_of_a_result_is_on_its_page() -> None:
    page = module(ROOT / "docs" / "generate.py").results()
    for path, row in VARIABLES.items():
        name = path.rpartition("/")[2]
        assert f"| `{name}` | {', '.join(row.dims) or '–'} | `{row.units}` |" in page, path


def test_the_validation_page_shows_reference_values_and_runs_that_agree() -> None:
    """No run is further off than statistics allows: once in 1e4 such pages."""
    with (ROOT / "docs" / "validation.csv").open(encoding="utf-8") as file:
        shown = list(csv.DictReader(file))
    with (ROOT / "tests" / "reference" / "values.csv").open(encoding="utf-8") as file:
        known = {identity(row): row["value"] for row in csv.DictReader(file)}
    assert len(shown) > 50
    assert {identity(row): row["reference"] for row in shown}.items() <= known.items()
    limit = stats.t.isf(0.5 * 1e-4 / len(shown), 63)
    assert max(abs(float(row["deviation"])) for row in shown) < limit


def identity(row: dict[str, str]) -> tuple[str, ...]:
    """What a reference value is of, and where it is from."""
    names = ("model", "en", "temperature", "quantity", "unit", "provenance")
    return tuple(row[name] for name in names)


def parameters() -> list[tuple[str, str, str]]:
    """Name, value and place of each row of the tables of numerical parameters."""
    text = (ROOT / "docs" / "numerics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| `([\w.]+)` \|", text, re.M)
    assert len(rows) > 25
    return rows


@pytest.mark.parametrize(("name", "value", "place"), parameters())
def test_the_numerical_parameters_are_those_of_the_code(name: str, value: str, place: str) -> None:
    try:
        found = getattr(importlib.import_module(f"swarmhydra.{place}"), name)
    except ModuleNotFoundError:
        module, _, owner = place.rpartition(".")
        found = default_of(getattr(importlib.import_module(f"swarmhydra.{module}"), owner), name)
    assert float(value) == found


def places() -> dict[str, set[str]]:
    """Functions and classes that CONTRIBUTING.md names, by file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named: dict[str, set[str]] = {}
    for file, name in re.findall(r"`([\w/]+\.py)::([\w.]+)`", text):
        named.setdefault(file, set()).add(name)
    assert len(named) > 30
    return named


@pytest.mark.parametrize("file", places())
def test_functions_are_where_the_guide_for_contributors_says(file: str) -> None:
    """From the source: nothing is imported."""
    tree = ast.parse((ROOT / "swarmhydra" / file).read_text(encoding="utf-8"))
    assert places()[file] <= set(defined(tree))


def defined(tree: ast.Module | ast.ClassDef, owner: str = "") -> Iterator[str]:
    """Names of functions and classes, methods with that of their class."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield owner + node.name
        if isinstance(node, ast.ClassDef):
            yield from defined(node, f"{node.name}.")


def default_of(owner: Callable[..., object], name: str) -> object:
    """The default of a parameter of a function, or of a field of a dataclass."""
    return inspect.signature(owner).parameters[name].default


MODULES = [
    "api",
    "export",
    "export.formats",
    "export.quality",
    "export.table",
    "plot",
    "plot.cross_sections",
    "plot.distributions",
    "plot.in_time",
    "plot.jobs",
    "plot.labels",
    "plot.legends",
    "plot.overviews",
    "plot.processes",
    "plot.style",
    "plot.sweep",
    "plot.sweep_curves",
    "report.page",
    "results.conditions",
    "results.files",
    "results.mixtures",
    "results.summary",
    "results.sweep_table",
    "results.tree",
    "run.progress",
    "sweeps.opening",
    "sweeps.replicas",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_right(name: str) -> None:
    found = importlib.import_module(f"swarmhydra.{name}")
    assert doctest.testmod(found).failed == 0


def test_every_public_function_says_what_it_takes_and_gives() -> None:
    public = [getattr(swarmhydra, name) for name in swarmhydra.__all__]
    functions = [member for member in public if inspect.isfunction(member)]
    assert len(functions) >= 5
    for function in functions:
        text = inspect.getdoc(function) or ""
        for parameter in inspect.signature(function).parameters:
            assert parameter in text.partition("Parameters")[2], f"{function}: {parameter}"
    for name in MODULES:
        found = importlib.import_module(f"swarmhydra.{name}")
        for member, function in inspect.getmembers(found, inspect.isfunction):
            if member.startswith("_") or function.__module__ != found.__name__:
                continue
            assert inspect.getdoc(function), f"{name}.{member}"
