"""A gas of the config becomes one ordered list of processes with their shares."""

import numpy as np
import pytest
from omegaconf import OmegaConf

from swarmhydra.config import ComponentConfig, GasConfig, ProcessConfig
from swarmhydra.config.option_files import config_dir
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind, cross_section_at

GASES = config_dir() / "gas"


def gas(components, **others):
    return GasConfig(name="test", components=components, **others)


def table(kind="ELASTIC", name="X", threshold=0.0, energies=(0.0, 10.0), sigma=(1e-20, 1e-20)):
    return ProcessConfig(kind, name, threshold, list(energies), list(sigma))


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_has_a_gas_that_cites_it_and_lists_its_parameters(name):
    schema = OmegaConf.structured(GasConfig)
    shipped = OmegaConf.to_object(OmegaConf.merge(schema, OmegaConf.load(GASES / f"{name}.yaml")))
    mixture = build(shipped)
    assert mixture.name == name
    assert mixture.citation == FORMULAS[name].citation
    assert shipped.parameters == FORMULAS[name].parameters
    assert (mixture.fraction == 1.0).all()
    assert mixture.energy_max == max(p.energy[-1] for p in mixture.processes)


def test_processes_stand_in_order_of_kind_with_their_own_fraction_mass_and_name():
    mixture = build(
        gas(
            {
                "Ar": ComponentConfig(fraction=0.75, formula="argon"),
                "He": ComponentConfig(fraction=0.25, formula="helium"),
            }
        )
    )
    names = [p.name for p in mixture.processes]
    assert names[:3] == ["Ar elastic", "He elastic", "Ar(11.5eV)"]
    assert names[-2:] == ["Ar+", "He+"]
    for process, fraction in zip(mixture.processes, mixture.fraction, strict=True):
        argon = process.target == "Ar"
        assert fraction == (0.75 if argon else 0.25)
        assert (process.mass_ratio < 2e-5) == argon
    assert "Phelps" in mixture.citation
    assert "Ralchenko" in mixture.citation


def test_component_of_fraction_zero_is_left_out():
    parts = {
        "Ar": ComponentConfig(fraction=1.0, formula="argon"),
        "He": ComponentConfig(fraction=0.0, formula="helium"),
    }
    assert {p.target for p in build(gas(parts)).processes} == {"Ar"}


def test_one_formula_can_serve_two_species():
    parts = {
        "light": ComponentConfig(fraction=0.5, formula="hard_sphere", parameters={"mass": 2.0}),
        "heavy": ComponentConfig(fraction=0.5, formula="hard_sphere"),
    }
    light, heavy = build(gas(parts, parameters={"mass": 40.0})).processes
    assert (light.name, heavy.name) == ("light elastic", "heavy elastic")
    assert light.mass_ratio / heavy.mass_ratio == pytest.approx(20.0)


def test_parameter_of_the_gas_reaches_only_formulas_that_know_it():
    parts = {
        "Ar": ComponentConfig(fraction=0.5, formula="argon"),
        "X": ComponentConfig(fraction=0.5, formula="lucas_saelee"),
    }
    kinds = {(p.target, p.kind) for p in build(gas(parts, parameters={"F": 0.5})).processes}
    assert ("X", Kind.IONIZATION) in kinds


def test_tables_of_the_config_become_processes():
    excitation = table("EXCITATION", "X(5eV)", 5.0, (5.0, 10.0), (0.0, 1e-20))
    component = ComponentConfig(mass=28.0, processes=[excitation, table()])
    elastic, found = build(gas({"X": component})).processes
    assert elastic.kind is Kind.ELASTIC
    assert (found.name, found.target, found.threshold) == ("X(5eV)", "X", 5.0)
    assert found.mass_ratio == pytest.approx(5.4858e-4 / 28.0, rel=1e-4)
    assert cross_section_at(found, [4.9, 7.5, 99.0]) == pytest.approx([0.0, 0.5e-20, 1e-20])


@pytest.mark.parametrize(
    ("component", "words"),
    [
        ({"formula": "argonn"}, r"gas\.components\.X\.formula=argonn: must be one of argon, hel"),
        ({"formula": "argon", "parameters": {"F": 1.0}}, r"gas\.components\.X\.parameters\.F=1\.0"),
        ({"mass": 4.0, "processes": [table("EXCITATION")]}, "at least one process must be ELASTIC"),
        ({"mass": 4.0, "processes": [table("EFFECTIVE")]}, r"processes\[0\]\.kind=EFFECTIVE"),
        ({"mass": 4.0, "processes": [table(energies=(2.0, 1.0))]}, r"processes\[0\]: .*ascend"),
        ({"processes": [table()]}, r"gas\.components\.X\.mass=None"),
    ],
)
def test_unusable_component_is_refused_by_its_key(component, words):
    with pytest.raises(ValueError, match=words):
        build(gas({"X": ComponentConfig(**component)}))


def test_parameter_that_no_formula_knows_is_refused():
    parts = {"Ar": ComponentConfig(formula="argon")}
    with pytest.raises(ValueError, match=r"gas\.parameters\.F=0\.5: .* no parameters"):
        build(gas(parts, parameters={"F": 0.5}))


def test_fractions_cannot_be_changed_afterwards():
    mixture = build(gas({"Ar": ComponentConfig(formula="argon")}))
    assert mixture.fraction.shape == (len(mixture.processes),)
    assert mixture.fraction.dtype == np.float64
    assert not mixture.fraction.flags.writeable


def test_a_component_that_is_added_to_a_gas_is_cited_beside_it():
    parts = {
        "Ar": ComponentConfig(fraction=0.75, formula="argon"),
        "He": ComponentConfig(fraction=0.25, formula="helium"),
    }
    mixture = build(GasConfig(name="argon", citation="The set of the gas", components=parts))
    assert mixture.citation.startswith("The set of the gas; ")
    assert "Ralchenko" in mixture.citation
    assert mixture.components == {"Ar": 0.75, "He": 0.25}
