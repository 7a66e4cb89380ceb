"""Large gases are composed apart from OmegaConf, and mean the same."""

from pathlib import Path

import pytest

from swarmhydra.config import ConfigError, large_options
from swarmhydra.config.compose import composed
from swarmhydra.config.from_python import composed_from
from swarmhydra.config.gate import typed

ROWS = 24
COMPONENTS = 8


def gas_file(components: int, rows: int = 3) -> str:
    energies = ", ".join(str(float(row)) for row in range(rows))
    values = ", ".join(["1e-20"] * rows)
    lines = ["name: own", "components:"]
    for number in range(components):
        lines += [
            f"  X{number}:",
            f"    fraction: {1 / components}",
            "    mass: 4",
            "    processes:",
            f"      - {{kind: ELASTIC, name: e{number}, energies: [{energies}],",
            f"         cross_sections: [{values}]}}",
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some option files, large as the tests have it: larger ones take long as a whole."""
    monkeypatch.setattr(large_options, "LARGE_PART", 20)
    (tmp_path / "gas").mkdir()
    (tmp_path / "gas" / "tables.yaml").write_text(gas_file(2, ROWS))
    (tmp_path / "gas" / "many.yaml").write_text(gas_file(COMPONENTS))
    (tmp_path / "gas" / "derived.yaml").write_text(
        "defaults: [tables, _self_]\nname: derived\ncomponents: {X1: {mass: 5}}\n"
    )
    return tmp_path


OVERRIDES = [
    ["gas=tables"],
    ["gas=many"],
    ["gas=derived"],
    ["gas=tables", "gas.components.X0.fraction=0.25", "gas.components.X1.fraction=0.75"],
    ["gas=tables", "gas.components.X0.processes.0.energies.3=3.5"],
    ["gas=tables", "gas.components.X0.processes.0.threshold=0.5"],
    [
        "gas=tables",
        "gas.components.X0.processes=[{kind:ELASTIC,name:q,energies:[0],cross_sections:[1e-20]}]",
    ],
    ["gas=tables", "~gas.components.X0", "gas.components.X1.fraction=1"],
    ["gas=many", "gas.components.X7.mass=7"],
    ["gas=many", "+gas.components={Y:{formula:argon,fraction:0}}"],
]


@pytest.mark.parametrize("overrides", OVERRIDES, ids=lambda each: " ".join(each)[:60])
def test_settings_change_a_large_gas_as_they_change_a_small_one(
    folder: Path, overrides: list[str]
) -> None:
    apart = typed(composed(overrides, folder))
    with large_options.nothing_set_aside():
        whole = typed(composed(overrides, folder))
    assert apart == whole
    assert apart.gas.components


def test_a_large_gas_is_set_aside(folder: Path) -> None:
    assert len(composed(["gas=many"], folder).gas.components) == 1
    tables = composed(["gas=tables", "gas.components.X0.fraction=0.5"], folder).gas.components
    assert [len(tables[name].processes[0].energies) for name in ("X0", "X1")] == [0, 0]


def test_python_changes_a_large_gas(folder: Path) -> None:
    cfg = composed_from([{"gas": "many"}, "gas.components.X3.mass=7"], folder)
    assert typed(cfg).gas.components["X3"].mass == 7.0
    cfg = composed_from([{"gas": "many", "gas.components.X3.mass": 6}], folder)
    assert typed(cfg).gas.components["X3"].mass == 6.0
    assert len(typed(composed_from([{"gas": "many"}], folder)).gas.components) == COMPONENTS


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["gas=many", "gas.components.X50.mass=1"], "X50"),
        (["gas=many", "gas.components.X5.mas=1"], "mas"),
        (["gas=many", "gas.components.X5.mass=-1"], r"gas.components.X5.mass=-1: expected"),
        (["gas=many", "sim.EN=3"], "EN"),
    ],
)
def test_what_is_refused_is_refused_in_the_same_words(
    folder: Path, overrides: list[str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as apart:
        typed(composed(overrides, folder))
    with large_options.nothing_set_aside(), pytest.raises(ConfigError) as whole:
        typed(composed(overrides, folder))
    assert str(apart.value) == str(whole.value)


def test_a_bad_value_in_a_large_file_is_named(folder: Path) -> None:
    text = gas_file(COMPONENTS).replace("    mass: 4\n", "    mass: heavy\n", 1)
    (folder / "gas" / "bad.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"gas.components.X0.mass=heavy: expected a number"):
        typed(composed(["gas=bad"], folder))


def test_a_file_that_changes_in_between_is_refused(folder: Path) -> None:
    cfg = composed(["gas=many"], folder)
    (folder / "gas" / "many.yaml").write_text(gas_file(COMPONENTS + 1))
    large_options._contents.cache_clear()
    with pytest.raises(ConfigError, match="changed while it was used"):
        typed(cfg)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(gas_file(1000), id="many"),
        pytest.param(gas_file(1, 100_000), id="long", marks=pytest.mark.slow),
    ],
)
def test_a_thousand_components_and_a_hundred_thousand_points_are_read(
    folder: Path, text: str
) -> None:
    (folder / "gas" / "huge.yaml").write_text(text)
    config = typed(composed(["gas=huge"], folder))
    assert len(config.gas.components["X0"].processes[0].energies) in (3, 100_000)
