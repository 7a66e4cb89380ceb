"""The gate: what fits comes through unchanged, what does not is refused by name."""

import os
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from swarmhydra.config import (
    Backend,
    Config,
    ConfigError,
    RelErrorConfig,
    SimConfig,
    describe,
    fingerprint,
    from_yaml,
    sub_swarm_count,
    to_yaml,
    typed,
)
from swarmhydra.config.compose import composed
from swarmhydra.config.option_files import config_dir
from swarmhydra.config.sweep_values import expanded
from swarmhydra.gas.mixture import build
from tests.helpers.settings import configured

TABLE = {
    "kind": "ELASTIC",
    "name": "elastic",
    "energies": [0.0, 1.0, 10.0],
    "cross_sections": [1e-20, 1.2345678901234567e-20, 3e-21],
}


def options(group: str) -> list[str]:
    """The option files shipped in a group."""
    return sorted(path.stem for path in (config_dir() / group).glob("*.yaml"))


TARGETS = [each.name for each in fields(RelErrorConfig)]
"""The names of the errors at which a run may stop."""


def gate(changes: dict[str, Any]) -> Config:
    """A small valid configuration with changes by dotted key, through the gate."""
    cfg = OmegaConf.create(
        {
            "gas": {"name": "some gas", "components": {"X": {"formula": "argon"}}},
            "sim": {"stop": {"wall_time": 1.0, "rel_error": dict.fromkeys(TARGETS)}},
        }
    )
    for key, value in changes.items():
        OmegaConf.update(cfg, key, value, merge=False)
    return typed(cfg)


@pytest.mark.parametrize("gas", [name for name in options("gas") if name != "lxcat"])
def test_every_gas_passes_the_gate_and_can_be_built(gas: str) -> None:
    config = configured(f"gas={gas}")
    assert config.gas.name
    assert config.gas.citation


@pytest.mark.parametrize("sim", options("sim"))
@pytest.mark.parametrize("accel", options("accel"))
def test_yaml_round_trip_is_exact(accel: str, sim: str) -> None:
    config = typed(composed([f"accel={accel}", f"sim={sim}"]))
    assert config.accel.name == accel
    assert from_yaml(to_yaml(config)) == config


@pytest.mark.parametrize("text", ["gas: [", "a: !!python/object/apply:os.getcwd []", "a: &a [*a]"])
def test_a_text_that_is_no_yaml_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(ConfigError, match="config: the text is no YAML") as refusal:
        from_yaml(text)
    assert "\n" not in str(refusal.value)


def test_tables_texts_and_numbers_survive_yaml() -> None:
    config = gate(
        {
            "gas.components": {"NO": {"mass": 30.006, "processes": [TABLE]}},
            "gas.citation": "yes: 'quoted' # no comment\nsecond line σ",
            "sim.en": 0.1 + 0.2,
            "sim.seed": 2**63 - 1,
            "sim.window": 5e-324,
            "sim.run_label": "1e3",
        }
    )
    assert config.gas.components["NO"].processes[0].cross_sections[1] == 1.2345678901234567e-20
    assert from_yaml(to_yaml(config)) == config


def test_accel_options_switch_backend_and_tables() -> None:
    accel = {name: typed(composed([f"accel={name}"])).accel for name in options("accel")}
    assert accel["numpy"].backend is Backend.numpy
    assert accel["jit"].backend is accel["jit_lut"].backend is Backend.jit
    tables = {name: (one.collision_lut, one.velocity_lut) for name, one in accel.items()}
    assert tables == {"numpy": (False, False), "jit": (False, False), "jit_lut": (True, True)}


def test_quick_keeps_two_targets_and_a_short_limit() -> None:
    stop = typed(composed(["sim=quick"])).sim.stop
    kept = {name for name, value in vars(stop.rel_error).items() if value is not None}
    assert kept == {"mean_energy", "drift_velocity_flux"}
    assert stop.wall_time == 60.0


def test_an_own_folder_adds_options(tmp_path: Path) -> None:
    folder = tmp_path / "it's my conf"
    (folder / "gas").mkdir(parents=True)
    (folder / "gas" / "mine.yaml").write_text(
        "name: mine\ncomponents:\n  X:\n    formula: hard_sphere\n", encoding="utf-8"
    )
    assert typed(composed(["gas=mine"], folder)).gas.name == "mine"


def test_composing_leaves_the_schema_as_it_was() -> None:
    before = to_yaml(typed(composed([])))
    composed(["sim.en=7", "gas=helium", "gas.components.He.fraction=0.5"])
    assert to_yaml(typed(composed([]))) == before


def test_composing_leaves_another_hydra_application_alone() -> None:
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        assert composed(["sim.en=7"]).sim.en == 7.0
        assert compose("config", ["sim.en=8"]).sim.en == 8.0


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("sim.enn", 3, ["sim.enn=3", "did you mean sim.en?"]),
        ("colour", "red", ["colour=red", "accel, gas, sim, output"]),
        ("sim.en", "abc", ["sim.en=abc", "a number", "(Td)"]),
        ("sim.en", True, ["sim.en=true", "a number"]),
        ("sim.en", -1, ["sim.en=-1", "at least 0"]),
        ("sim.en", float("nan"), ["sim.en=nan", "at least 0"]),
        ("sim.en", float("inf"), ["sim.en=inf", "at most 100000"]),
        ("sim.en", None, ["sim.en=null", "a number"]),
        ("sim.relaxation_collisions", float("inf"), ["sim.relaxation_collisions=inf"]),
        ("sim.pressure", 0, ["sim.pressure=0", "above 0"]),
        ("sim.electrons", 0, ["sim.electrons=0", "at least 16"]),
        ("sim.electrons", 1.5, ["sim.electrons=1.5", "a whole number"]),
        ("sim.seed", 2**63, [f"sim.seed={2**63}", f"at most {2**63 - 1}"]),
        (
            "sim.stop.rel_error.rates",
            1,
            ["rel_error.rates=1:", "below 1, or auto, or null"],
        ),
        ("sim.stop.wall_time", None, ["sim.stop", "at least one of"]),
        ("accel.backend", "cuda", ["accel.backend=cuda", "one of numpy, jit"]),
        ("accel.threads", 0, ["accel.threads=0", "at least 1 and at most 1024, or null"]),
        ("accel.max_coll_lut", "maybe", ["accel.max_coll_lut=maybe", "true or false"]),
        ("gas.energy_max", 0, ["gas.energy_max=0", "(eV)"]),
        ("gas.parameters.F", "x", ["gas.parameters.F=x", "a number"]),
        ("gas.components", {}, ["gas.components", "at least one component"]),
        ("gas.components.X.fraction", 0.9, ["gas.components.X.fraction=0.9", "sum to 1"]),
        (
            "gas.components.X.formulla",
            "a",
            ["X.formulla=a", "mean gas.components.X.formula?"],
        ),
        ("gas.components.X.formula", None, ["gas.components.X.formula=null", "either"]),
        ("gas.components.X.mass", 40.0, ["gas.components.X.mass=40", "expected null"]),
        ("sim.angular_parameter", 0.5, ["sim.angular_parameter=0.5", "okhrimovskyy"]),
        ("output", "results", ["output='results'", ".nc"]),
        ("output", "../results.nc", ["output='../results.nc'", "without a folder"]),
    ],
)
def test_bad_values_are_refused_by_name(key: str, value: Any, named: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        gate({key: value})
    message = str(refused.value)
    assert "\n" not in message
    assert all(part in message for part in named), message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "EFFECTIVE"}, "processes[0].kind=EFFECTIVE"),
        ({"energies": [0.0, 1.0]}, "processes[0].cross_sections has 3 values for 2 energies"),
        ({"energies": [0.0, 1.0, 1.0]}, "processes[0].energies[2]=1"),
        ({"cross_sections": [1e-20, -1e-20, 1e-20]}, "processes[0].cross_sections[1]=-1e-20"),
        ({"upper": "v=1"}, "processes[0].upper=v=1 of ELASTIC: expected a level only after"),
        ({"threshold": float("nan")}, "processes[0].threshold=nan"),
        ({"statistical_weight_ratio": 3.0}, "processes[0].statistical_weight_ratio=3 of ELASTIC"),
    ],
)
def test_bad_tables_are_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as refused:
        gate({"gas.components.X": {"mass": 40.0, "processes": [{**TABLE, **change}]}})
    assert f"gas.components.X.{named}" in str(refused.value)


def test_a_table_needs_a_mass() -> None:
    with pytest.raises(ConfigError, match=r"gas\.components\.X\.mass=null"):
        gate({"gas.components.X": {"processes": [TABLE]}})


def test_fractions_sum_to_one_within_rounding() -> None:
    thirds = {name: {"formula": "argon", "fraction": 1 / 3} for name in "XYZ"}
    assert len(gate({"gas.components": thirds}).gas.components) == 3


def test_a_component_without_a_fraction_takes_what_the_others_leave() -> None:
    he = "+gas.components={He:{formula:helium}}"
    alone = typed(composed(["gas=argon"]))
    assert alone.gas.components["Ar"].fraction == 1.0
    mixed = typed(composed(["gas=argon", he, "gas.components.He.fraction=0.25"]))
    assert mixed.gas.components["Ar"].fraction == 0.75
    with pytest.raises(ConfigError, match=r"Ar\.fraction=null, .*He\.fraction=null: expected"):
        typed(composed(["gas=argon", he]))
    with pytest.raises(ConfigError, match=r"the sum is 1\.5"):
        typed(composed(["gas=argon", he, "gas.components.He.fraction=1.5"]))


def test_a_mixture_is_named_by_its_components_and_cites_all_of_them() -> None:
    he = "+gas.components={He:{formula:helium,fraction:0.25}}"
    gas = typed(composed(["gas=argon", he])).gas
    assert gas.name == "Ar+He"
    citation = build(gas).citation
    assert "Phelps" in citation
    assert "Ralchenko" in citation
    assert typed(composed(["gas=argon", he, "gas.name=mine"])).gas.name == "mine"


def test_whole_numbers_may_be_written_as_powers_of_ten() -> None:
    config = typed(composed(["sim.electrons=2e4", "accel.threads=2.0", "accel=jit"]))
    assert config.sim.electrons == 20_000
    assert type(config.sim.electrons) is int
    assert config == typed(composed(["sim.electrons=20000", "accel.threads=2", "accel=jit"]))
    with pytest.raises(ConfigError, match=r"sim\.electrons=20000\.5: expected a whole number"):
        typed(composed(["sim.electrons=20000.5"]))


def test_values_of_a_sweep_can_be_equally_spaced_in_the_logarithm() -> None:
    assert expanded(["-m", "sim.en=logspace(1,1000,4)"]) == ["-m", "sim.en=1,10,100,1000"]
    (values,) = expanded(["sim.en=logspace(7,3,5)"])
    numbers = [float(each) for each in values.partition("=")[2].split(",")]
    ratios = [b / a for a, b in pairwise(numbers)]
    assert ratios == pytest.approx([(3 / 7) ** 0.25] * 4, rel=1e-5)


@pytest.mark.parametrize("text", ["0,1,3", "1,10", "1,10,1", "1,10,2.5", "a,b,c", "1,10,inf"])
def test_logspace_refuses_what_has_no_logarithm(text: str) -> None:
    with pytest.raises(ConfigError, match="two numbers above 0 and at least 2 values"):
        expanded([f"sim.en=logspace({text})"])


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_fractions_that_nearly_sum_to_one_are_taken_if_they_shall_be(scale: float) -> None:
    shares = {"X": 0.7809, "Y": 0.2095, "Z": 0.0093}
    air = {n: {"formula": "argon", "fraction": scale * share} for n, share in shares.items()}
    with pytest.raises(ConfigError, match=r"sum to 1; gas\.normalise=true scales these to 1"):
        gate({"gas.components": air})
    assert gate({"gas.components": air, "gas.normalise": True}).gas.normalise
    air["X"]["fraction"] = scale * 0.75
    with pytest.raises(ConfigError, match=r"sum to 1$"):
        gate({"gas.components": air, "gas.normalise": True})


def test_treanors_distribution_needs_a_temperature() -> None:
    assert gate({"gas.vibrational_distribution": "treanor"})
    with pytest.raises(ConfigError, match=r"sim\.temperature=0 with .*treanor: expected"):
        gate({"gas.vibrational_distribution": "treanor", "sim.temperature": 0})


def test_no_field_needs_a_temperature() -> None:
    assert gate({"sim.en": 0}).sim.en == 0.0
    with pytest.raises(ConfigError, match=r"sim\.en=0 with sim\.temperature=0"):
        gate({"sim.en": 0, "sim.temperature": 0})
    with pytest.raises(ConfigError, match=r"sim\.en=0 with sim\.thermal=false"):
        gate({"sim.en": 0, "sim.thermal": "false"})


def test_a_configuration_is_another_one_when_its_files_change(tmp_path: Path) -> None:
    file = tmp_path / "X.txt"
    known = []
    for text in ("one", "two", "one"):
        file.write_text(text)
        known.append(fingerprint(gate({"gas.components": {}, "gas.files": [str(file)]})))
    assert known[0] == known[2] != known[1]


@pytest.mark.parametrize(
    ("key", "others"),
    [
        ("gas.files", {"gas.components": {}}),
        ("gas.components.X.file", {"gas.components.X.formula": None}),
        ("gas.level_file", {}),
        ("sim.waveform.file", {}),
    ],
)
def test_a_configuration_is_the_same_one_when_its_files_are_moved(
    key: str, others: dict[str, Any], tmp_path: Path
) -> None:
    known = set()
    for folder in ("here", "there"):
        file = tmp_path / folder / "X.csv"
        file.parent.mkdir()
        file.write_text("time_s,en_Td\n0,0\n1e-9,100\n")
        named = [str(file)] if key == "gas.files" else str(file)
        known.add(fingerprint(gate({**others, key: named})))
    assert len(known) == 1


def test_a_drift_that_is_zero_ends_no_run() -> None:
    stop: dict[str, Any] = {"sim.stop.wall_time": None}
    stop["sim.stop.rel_error.drift_velocity_flux"] = 0.01
    assert gate({**stop, "sim.en": 10}).sim.stop.wall_time is None
    for still in ({"sim.en": 0}, {"sim.en": 10, "sim.frequency": 1e9}):
        with pytest.raises(ConfigError, match=r"sim\.stop has every entry null that could end"):
            gate({**stop, **still})


@pytest.mark.parametrize(
    ("electrons", "sub_swarms", "expected"),
    [(16, None, 16), (10_000, None, 16), (16_001, None, 17), (1000, 50, 50)],
)
def test_sub_swarm_count(electrons: int, sub_swarms: int | None, expected: int) -> None:
    assert sub_swarm_count(SimConfig(electrons=electrons, sub_swarms=sub_swarms)) == expected


@pytest.mark.parametrize("sub_swarms", [4, 10_001])
def test_sub_swarms_hold_1_to_1024_electrons(sub_swarms: int) -> None:
    with pytest.raises(ConfigError, match=rf"sim\.sub_swarms={sub_swarms}"):
        gate({"sim.electrons": 10_000, "sim.sub_swarms": sub_swarms})


def test_describe_knows_bounds_and_units() -> None:
    assert describe("sim.pressure") == "a number, above 0 and at most 1e9 (Pa)"


@pytest.mark.parametrize(
    "override",
    [
        "gas.name='${oc.env:HOME}'",
        "gas.citation='see ${oc.decode:${gas.name}}'",
        "gas.components.Ar.file='${hydra:runtime.cwd}/x'",
        "gas.citation='${oc.${gas.name}:HOME}'",
        "gas.citation='${${gas.name}.env:HOME}'",
    ],
)
def test_a_gas_may_not_read_the_environment(override: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        composed(["gas=argon", override])
    text = str(refusal.value)
    assert text.startswith(override.partition("=")[0])
    assert "may not read the environment" in text
    assert "\n" not in text
    assert os.environ["HOME"] not in text


def test_an_option_file_of_a_gas_may_not_read_the_environment(tmp_path: Path) -> None:
    (tmp_path / "gas").mkdir()
    (tmp_path / "gas" / "theirs.yaml").write_text(
        "name: theirs\ncitation: ${oc.env:HOME}\ncomponents: {He: {formula: helium}}\n"
    )
    with pytest.raises(ConfigError, match=r"gas\.citation=\$\{oc\.env:HOME\}: expected a value"):
        composed(["gas=theirs"], tmp_path)


@pytest.mark.parametrize(
    "citation", ["\\${oc.env:HOME}", "$${gas.levels.part}", "${gas.name}{oc.env:HOME}"]
)
def test_a_reference_that_is_put_together_is_not_resolved_later(citation: str) -> None:
    """By who reads the configuration that a result holds."""
    changes: dict[str, Any] = {"gas.name": "$", "gas.citation": citation}
    if "part" in citation:
        changes["gas.species"] = ["{oc.env:HOME}"]
        changes["gas.citation"] = "$${gas.species[0]}"
    with pytest.raises(ConfigError, match=r"gas\.citation=.*\$\{ in it"):
        gate(changes)
    text = to_yaml(gate({"gas.citation": "CITED"})).replace("CITED", "${oc.env:HOME}")
    with pytest.raises(ConfigError, match=r"gas\.citation=\$\{oc\.env:HOME\}"):
        from_yaml(text)


def test_a_gas_may_refer_to_its_own_keys() -> None:
    assert composed(["gas=argon", "gas.citation='${gas.name}'"]).gas.citation == "argon"
