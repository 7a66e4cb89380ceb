"""A gas of one's own files: where they are looked for, what is refused, what is built how often."""

import logging
import shlex
from pathlib import Path

import numpy as np
import pytest

from swarmhydra.api import simulate
from swarmhydra.config import ConfigError, GasConfig, fingerprint, from_yaml, to_yaml
from swarmhydra.config.compose import composed
from swarmhydra.gas import files
from swarmhydra.gas.__main__ import main as command
from swarmhydra.gas.inspection import inspect
from swarmhydra.gas.lxcat_writing import text_of
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import cross_section_at
from swarmhydra.results.summary import summary
from swarmhydra.run.checked import checked
from swarmhydra.run.simulation import Simulation
from swarmhydra.swarm.ensemble import Ensemble
from tests.helpers.checkout import checkout
from tests.helpers.settings import FASTEST, SAMPLED, configured

TINY = (
    *FASTEST,
    SAMPLED,
    "sim=quick",
    "sim.electrons=64",
    "sim.en=300",
    "sim.thermal=false",
    "sim.relaxation_collisions=300",
    "sim.stop.real_collisions=1e4",
)


def written(species: str, elastic: float = 1e-19, end: float = 1000.0) -> str:
    """A small complete set for a made-up use of a real name."""
    return (
        "RECOMMENDED REFERENCE FORMAT\n- A made-up database.\n\n"
        f"ELASTIC\n{species}\n 2.0e-5\n-----\n0 {elastic}\n{end} {elastic}\n-----\n\n"
        f"EXCITATION\n{species} -> {species}*\n 1.0\nUPDATED: 2026-01-31\n-----\n"
        f"1.0 0.0\n2.0 1e-20\n{end} 1e-20\n-----\n\n"
        f"IONIZATION\n{species} -> {species}^+\n 12.0\n-----\n"
        f"12.0 0.0\n{end + 12} 1e-20\n-----\n"
    )


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with two files."""
    monkeypatch.chdir(tmp_path)
    Path("N2.txt").write_text(written("N2"))
    Path("O2.txt").write_text(written("O2", 2e-19))
    return tmp_path


def test_files_species_and_fractions_on_the_command_line() -> None:
    overrides = ["gas.files=[N2.txt,O2.txt]", "gas.species=[N2,O2]", "gas.fractions=[0.8,0.2]"]
    config = configured("gas=lxcat", *overrides)
    mixture = build(config.gas)
    assert [process.target for process in mixture.processes][:2] == ["N2", "O2"]
    assert mixture.fraction.tolist() == [0.8, 0.2, 0.8, 0.2, 0.8, 0.2]
    assert "A made-up database. [N2.txt, sha256 " in mixture.citation
    # The config of a result is complete without the folder in which it was made.
    assert build(from_yaml(to_yaml(config)).gas).citation == mixture.citation


def test_elastic_tables_may_be_integral_cross_sections() -> None:
    overrides = ["gas=lxcat", "gas.files=[N2.txt]", "gas.elastic_is_integral=true"]
    elastic, excitation, _ = build(configured(*overrides).gas).processes
    assert elastic.traits.momentum_transfer is False
    assert excitation.traits.momentum_transfer is None
    usual = build(configured(*overrides[:2]).gas).processes[0]
    assert usual.traits.momentum_transfer is None


def test_the_only_species_of_a_file_needs_no_name() -> None:
    config = configured("gas=lxcat", "gas.files=[O2.txt]")
    assert {process.target for process in build(config.gas).processes} == {"O2"}


def test_an_option_file_names_files_beside_itself(here: Path, monkeypatch) -> None:
    folder = here / "own" / "gas"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "X.txt").write_text(written("N2", 3e-19))
    (folder / "air.yaml").write_text(
        "name: air\ncomponents:\n  N2: {fraction: 0.75, file: data/X.txt}\n"
        "  Ar: {fraction: 0.25, formula: argon}\n"
    )
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    config = checked(composed(["gas=air"], here / "own"))
    assert config.gas.components["N2"].file == str(folder / "data" / "X.txt")
    assert build(config.gas).processes[0].cross_section[0] == 3e-19
    # What is named on the command line is seen from the working folder.
    other = composed(["gas=air", "gas.components.N2.file=../N2.txt"], here / "own")
    assert build(checked(other).gas).processes[0].cross_section[0] == 1e-19


def test_the_example_of_air_runs_with_files_beside_it(here: Path) -> None:
    example = checkout() / "examples" / "own_gas" / "gas" / "air_like.yaml"
    folder = here / "own" / "gas"
    folder.mkdir(parents=True)
    (folder / "air_like.yaml").write_text(example.read_text())
    for name in ("N2", "O2"):
        (folder / f"{name}.txt").write_text(written(name))
    config = checked(composed(["gas=air_like"], here / "own"))
    assert {p.target for p in build(config.gas).processes} == {"N2", "O2"}


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["gas=nitrogen"], "gas=nitrogen: .*lxcat.net download .* N2 .*Phelps.* as N2.txt"),
        (["gas=SF6"], "gas=SF6: .* SF6 .*gas.files=\\[SF6.txt\\]"),
        (["gas=co2"], "gas=co2: .* CO2 "),
        (["gas=oxygen"], "gas=oxygen: .* O2 "),
        (["gas=air"], "gas=air: .*N2.txt.*O2.txt.*gas.fractions="),
        (["gas=lxcat"], "files in gas.files"),
        (["gas=lxcat", "gas.files=[no.txt]"], "no.txt: no such file"),
        (["gas=lxcat", "gas.files=[N2.txt,O2.txt]"], "the files hold N2, O2; expected a list"),
        (["gas=lxcat", "gas.files=[N2.txt]", "gas.species=[n2]"], "n2 is not in .*N2.txt"),
        (
            ["gas=lxcat", "gas.files=[N2.txt,O2.txt]", "gas.species=[N2,O2]"],
            "gas.fractions=\\[\\] for gas.species=\\['N2', 'O2'\\]: expected one for each",
        ),
        (
            ["gas=lxcat", "gas.files=[N2.txt]", "gas.species=[N2]", "gas.fractions=[0.9]"],
            "gas.fractions\\[0\\]=0.9: the sum is 0.9",
        ),
        (["gas=argon", "gas.files=[N2.txt]"], "no component is read from them"),
        (["gas=argon", "gas.species=[N2]"], "gas.species=.* with gas.components"),
        (["gas=argon", "gas.components.Ar.file=N2.txt"], "either a formula or processes or a file"),
        (
            ["gas=argon", "gas.components.Ar.species=N2"],
            "species or database=N2: expected only for",
        ),
        (["gas=argon", "gas.extrapolation=none"], "one of hold, log_slope, error"),
    ],
)
def test_what_is_refused_in_one_line(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        configured(*overrides)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["N2 (1).txt", "a=b.txt", "a#b.txt", "é.txt", "it's.txt", "[1].txt", 'a"b.txt']
)
def test_a_name_with_other_signs_is_refused_with_the_way_to_quote_it(name: str) -> None:
    Path(name).write_text(written("N2"))
    with pytest.raises(ConfigError, match=r"cannot be read .*; expected '?gas") as refused:
        composed(["gas=lxcat", f"gas.files=[{name}]"])
    quoted = str(refused.value).rpartition("; expected ")[2]
    (override,) = shlex.split(quoted)
    assert build(checked(composed(["gas=lxcat", override])).gas).processes


def test_a_name_may_begin_with_a_tilde() -> None:
    Path("~N2.txt").write_text(written("N2"))
    assert build(checked(composed(["gas=lxcat", 'gas.files=["~N2.txt"]'])).gas).processes


def test_a_name_that_the_shell_has_parted_is_refused_with_the_way_to_quote_it() -> None:
    with pytest.raises(ConfigError, match=r'expected .gas\.files=\["a name\.txt"\].'):
        composed(["gas=lxcat", "gas.files=[my", "file.txt]"])


def test_a_broken_file_is_refused_with_its_line() -> None:
    Path("N2.txt").write_text(written("N2").replace("2.0 1e-20", "2.0 nan"))
    with pytest.raises(ConfigError, match=r"N2\.txt, line 18: '2\.0 nan'; expected two numbers"):
        configured("gas=lxcat", "gas.files=[N2.txt]")


def test_electrons_beyond_a_table_are_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    Path("N2.txt").write_text(written("N2", end=5.0))
    run = simulate("gas=lxcat", "gas.files=[N2.txt]", *TINY)
    words = "electrons came above 5 eV, where the table of N2 -> N2* ends"
    told = [record for record in caplog.records if words in record.message]
    assert len(told) == 1
    assert told[0].levelno == logging.WARNING
    assert words in run.attrs["warnings"]


def test_electrons_beyond_a_table_can_end_the_run() -> None:
    Path("N2.txt").write_text(written("N2", end=5.0))
    overrides = ["gas=lxcat", "gas.files=[N2.txt]", "gas.extrapolation=error", *TINY]
    with pytest.raises(ConfigError, match=r"gas\.extrapolation=error: .* above 5 eV"):
        simulate(*overrides)


def test_the_summary_shows_every_process_with_threshold_and_origin() -> None:
    run = simulate("gas=lxcat", "gas.files=[N2.txt]", *TINY)
    lines = summary(run).splitlines()
    assert any(line.split() == ["N2", "elastic", "ELASTIC", "N2.txt:4"] for line in lines)
    wanted = ["N2", "->", "N2*", "EXCITATION", "1", "eV", "updated", "2026-01-31,", "N2.txt:12"]
    assert any(line.split() == wanted for line in lines)
    assert run.coords["provenance"].values[2].startswith("N2.txt:")


# --- built once --------------------------------------------------------------------------------


def test_a_sweep_over_the_field_builds_a_mixture_once() -> None:
    gas = ["gas=lxcat", "gas.files=[N2.txt]"]
    first, second = (Ensemble(configured(*gas, f"sim.en={en}")) for en in (10, 300))
    assert first.medium.mixture is second.medium.mixture
    assert first.medium.collision_tables is second.medium.collision_tables
    warmer = Ensemble(configured(*gas, "sim.temperature=400"))
    assert warmer.medium.collision_tables is not first.medium.collision_tables


def test_a_file_that_changed_is_read_again() -> None:
    gas = configured("gas=lxcat", "gas.files=[N2.txt]").gas
    before = build(gas)
    assert build(gas) is before
    Path("N2.txt").write_text(written("N2", 5e-19))
    assert build(gas).processes[0].cross_section[0] == 5e-19


# --- mixtures ----------------------------------------------------------------------------------

HALVES = "+gas.components={B:{formula:argon,fraction:0.5}}"


def test_a_result_is_known_by_the_file_that_its_run_began_with() -> None:
    config = configured("gas=lxcat", "gas.files=[N2.txt]", *TINY)
    began = fingerprint(config)
    run = Simulation(config)
    Path("N2.txt").write_text(written("N2", 2e-19))
    assert run.run().attributes["fingerprint"] == began != fingerprint(config)


def test_a_share_of_nothing_changes_nothing() -> None:
    pure = simulate("gas=argon", *TINY)
    mixed = simulate("gas=argon", "+gas.components={He:{formula:helium,fraction:0}}", *TINY)
    for name, values in pure.data_vars.items():
        assert np.array_equal(values, mixed[name], equal_nan=True), name
    assert np.array_equal(pure["eedf/eedf"], mixed["eedf/eedf"])
    assert np.array_equal(pure["rng/final_state"], mixed["rng/final_state"])


def test_tables_do_not_depend_on_the_order_of_components() -> None:
    parts = ["gas.files=[N2.txt,O2.txt]", "gas=lxcat"]
    one = composed([*parts, "gas.species=[N2,O2]", "gas.fractions=[0.8,0.2]"])
    other = composed([*parts, "gas.species=[O2,N2]", "gas.fractions=[0.2,0.8]"])
    first, second = (Ensemble(checked(cfg)) for cfg in (one, other))
    order = [
        [p.name for p in second.medium.mixture.processes].index(process.name)
        for process in first.medium.mixture.processes
    ]
    tables, swapped = first.medium.collision_tables, second.medium.collision_tables
    assert np.array_equal(tables.cross_section, swapped.cross_section[:, order])
    assert np.allclose(tables.ceiling, swapped.ceiling, rtol=1e-14, atol=0.0)


def assert_alike(one, other, names: list[str]) -> None:
    """Coefficients agree within 4.5 joint standard errors."""
    for name in names:
        error = np.hypot(float(one[f"{name}_stderr"]), float(other[f"{name}_stderr"]))
        assert abs(float(one[name]) - float(other[name])) < 4.5 * error, name
        assert error < 0.02 * abs(float(one[name])), name


COEFFICIENTS = ["mean_energy", "drift_velocity_flux"]
ENOUGH = ("accel=jit", "sim.stop.real_collisions=1e7", "sim.en=300")


@pytest.mark.slow
def test_argon_in_two_halves_is_argon() -> None:
    whole = simulate("gas=argon", *ENOUGH)
    halves = simulate("gas=argon", "gas.components.Ar.fraction=0.5", HALVES, *ENOUGH)
    assert_alike(whole, halves, COEFFICIENTS)


@pytest.mark.slow
def test_the_order_of_components_does_not_matter() -> None:
    mix = ("gas=lxcat", "gas.files=[N2.txt,O2.txt]")
    one = simulate(*mix, "gas.species=[N2,O2]", "gas.fractions=[0.7,0.3]", *ENOUGH)
    other = simulate(*mix, "gas.species=[O2,N2]", "gas.fractions=[0.3,0.7]", *ENOUGH)
    assert_alike(one, other, COEFFICIENTS)


def argon_file() -> None:
    """Write argon's formulas as a file."""
    mixture = build(GasConfig(**composed_argon()))
    Path("Ar.txt").write_text(text_of(mixture.processes, mixture.citation))


def composed_argon() -> dict:
    """The fields of the gas argon."""
    return vars(configured("gas=argon").gas)


def test_argon_written_and_read_has_the_same_tables() -> None:
    argon_file()
    shipped = build(GasConfig(**composed_argon()))
    read = build(configured("gas=lxcat", "gas.files=[Ar.txt]").gas)
    assert read.warnings == ()
    energy = np.concatenate([np.geomspace(1e-6, 1000.0, 20_000), [11.5, 15.8]])
    for process, back in zip(shipped.processes, read.processes, strict=True):
        assert (process.kind, process.threshold) == (back.kind, back.threshold)
        wanted = cross_section_at(process, energy)
        assert np.allclose(cross_section_at(back, energy), wanted, rtol=1e-6, atol=0.0)


@pytest.mark.slow
def test_argon_written_and_read_has_the_same_coefficients() -> None:
    argon_file()
    shipped = simulate("gas=argon", *ENOUGH)
    read = simulate("gas=lxcat", "gas.files=[Ar.txt]", "sim.seed=2", *ENOUGH)
    assert_alike(shipped, read, COEFFICIENTS)


# --- inspection --------------------------------------------------------------------------------


def test_inspect_shows_every_process_and_what_is_odd(capsys: pytest.CaptureFixture[str]) -> None:
    Path("N2.txt").write_text(written("N2").replace("2.0e-5", "4.0e-5"))
    assert command(["inspect", "N2.txt"]) == 0
    text = capsys.readouterr().out
    assert text == f"{inspect('N2.txt').text}\n"
    lines = text.splitlines()
    assert lines[0] == "N2.txt: 3 processes of N2"
    assert lines[1] == "reference: A made-up database."
    wanted = ["12", "EXCITATION", "N2", "->", "N2*", "1", "3", "1", "1000", "1e-20", "2026-01-31"]
    assert wanted in [line.split() for line in lines]
    assert lines[-1].startswith("warning: N2.txt, line 4: N2 elastic: the mass ratio 4e-05 is not")


def test_inspect_ends_as_a_run_would_be_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("N2.txt").write_text(written("N2").replace("ELASTIC", "ELASTC"))
    assert command(["inspect", "N2.txt"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("N2 is refused: N2.txt, line 4: 'ELASTC' begins no process")
    with pytest.raises(ConfigError, match="line 4: 'ELASTC' begins no process") as refused:
        checked(composed(["gas=lxcat", "gas.files=[N2.txt]"]))
    assert "\n" not in str(refused.value)


def test_inspect_refuses_what_is_no_text_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("N2.txt").write_bytes(b"PK\x03\x04 and more")
    assert command(["inspect", "N2.txt"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "N2.txt, line 1: a zip archive (or a spreadsheet); expected text: unpack it, or save it as "
        "CSV\n"
    )


def test_inspect_draws_the_cross_sections() -> None:
    pytest.importorskip("matplotlib")
    assert command(["inspect", "N2.txt", "--plot", "N2.png"]) == 0
    assert Path("N2.png").read_bytes().startswith(b"\x89PNG")
    assert command(["inspect", "helium", "--plot", "He.png"]) == 0
    assert Path("He.png").read_bytes().startswith(b"\x89PNG")


def test_excited_species_that_are_not_used_are_named() -> None:
    text = "EXCITATION\nN2* -> N2\n -1.0\n-----\n0 1e-20\n9 1e-20\n-----\n\n"
    Path("N2.txt").write_text(written("N2") + "\n" + text)
    gas = configured("gas=lxcat", "gas.files=[N2.txt]").gas
    assert "processes of N2* are not used" in build(gas).warnings[0]
    assert files.read("N2.txt").species == ("N2",)
