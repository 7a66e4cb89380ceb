"""What settings must keep to: the range of each, and the rules between them."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

from swarmhydra.config.gas_schema import (
    FRACTION_TOLERANCE,
    NORMALISED_TOLERANCE,
    AngularTableConfig,
    ComponentConfig,
    GasConfig,
    ProcessConfig,
    UncertaintyConfig,
)
from swarmhydra.config.messages import (
    allowed_of,
    describe,
    is_single,
    keys_of,
    shown,
    unusable,
)
from swarmhydra.config.ranges import Allowed, ConfigError
from swarmhydra.config.schema import (
    MAX_ELECTRONS_PER_SUB_SWARM,
    MODELS_WITH_A_PARAMETER,
    SimConfig,
    rel_error_targets,
    sub_swarm_count,
)
from swarmhydra.config.stop_schema import StopConfig


def check_ranges(value: Any, key: str, allowed: Allowed) -> None:
    """Walk the whole configuration and refuse the first number or choice outside its range."""
    if is_dataclass(value):
        for entry in fields(value):
            name = f"{key}.{entry.name}" if key else entry.name
            check_ranges(getattr(value, entry.name), name, allowed_of(entry))
    elif isinstance(value, dict):
        for name, item in value.items():
            check_ranges(item, f"{key}.{name}", allowed)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = f"{key}[{index}]"
            if isinstance(item, list | dict) and is_single(name):
                raise ConfigError(unusable(name, item))
            check_ranges(item, name, allowed)
    elif isinstance(value, int | float | str) and not allowed.accepts(value):
        raise ConfigError(unusable(key, value))


def check_gas_alone(gas: GasConfig) -> None:
    """All that a run asks of the settings of a gas, before it reads files.

    Raises
    ------
    ConfigError
        As for a run.
    """
    check_ranges(gas, "gas", Allowed())
    check_gas(gas)


def check_gas(gas: GasConfig) -> None:
    """The rules between the fields of the gas."""
    if gas.components:
        _check_components(gas)
    else:
        _check_species(gas)
    for index, uncertainty in enumerate(gas.uncertainties):
        _check_uncertainty(f"gas.uncertainties[{index}]", uncertainty)


def _check_components(gas: GasConfig) -> None:
    """Components have fractions that sum to 1, and no second list of species beside them."""
    if gas.species or gas.fractions:
        raise ConfigError(
            f"gas.species={gas.species}, gas.fractions={gas.fractions} with gas.components: "
            "expected components, or species and fractions of files"
        )
    for name, component in gas.components.items():
        _check_component(f"gas.components.{name}", component, bool(gas.files))
    if gas.files and not any(_reads_files_of_gas(each) for each in gas.components.values()):
        raise ConfigError(
            f"gas.files={gas.files}: no component is read from them; expected only with gas=lxcat"
        )
    keys = {f"gas.components.{name}.fraction": each for name, each in gas.components.items()}
    without = [f"{key}=null" for key, each in keys.items() if each.fraction is None]
    if len(without) > 1:
        raise ConfigError(
            f"{', '.join(without)}: expected at most one component that takes what the others leave"
        )
    _check_sum({key: each.share for key, each in keys.items()}, gas.normalise)


def _check_species(gas: GasConfig) -> None:
    """Without components a gas needs files; species and fractions go together."""
    if not gas.files:
        raise ConfigError(
            "gas.components={}: expected at least one component, or files in gas.files"
        )
    names, fractions = gas.species, gas.fractions
    if len(set(names)) != len(names) or "" in names:
        raise ConfigError(f"gas.species={names}: expected different names")
    if len(fractions) != len(names) and (fractions or len(names) > 1):
        raise ConfigError(
            f"gas.fractions={fractions} for gas.species={names}: expected one for each species"
        )
    if fractions:
        _check_sum(
            {f"gas.fractions[{index}]": value for index, value in enumerate(fractions)},
            gas.normalise,
        )


def _check_sum(fractions: dict[str, float], normalise: bool) -> None:
    """Fractions sum to 1, or nearly so if they are to be normalised."""
    total = math.fsum(fractions.values())
    near = any(abs(total / unit - 1.0) <= NORMALISED_TOLERANCE for unit in (1.0, 100.0))
    if abs(total - 1.0) <= FRACTION_TOLERANCE or (near and normalise):
        return
    parts = ", ".join(f"{key}={value:g}" for key, value in fractions.items())
    advice = "; gas.normalise=true scales these to 1" if near else ""
    raise ConfigError(f"{parts}: the sum is {total:.10g}, expected fractions that sum to 1{advice}")


def _reads_files_of_gas(component: ComponentConfig) -> bool:
    """Whether a component is read from the files of the gas."""
    return component.formula is None and not component.processes and component.file is None


def _check_component(key: str, component: ComponentConfig, files: bool) -> None:
    """A component has one source: a formula, tables with a mass, or a file."""
    sources = [component.formula is not None, bool(component.processes), component.file is not None]
    if sum(sources) != 1 and not (files and _reads_files_of_gas(component)):
        raise ConfigError(
            f"{key}.formula={shown(component.formula)} with {len(component.processes)} "
            f"processes and file={shown(component.file)}: expected either a formula or "
            "processes or a file"
        )
    if component.processes and component.mass is None:
        expectation = describe(f"{key}.mass").removesuffix(", or null")
        raise ConfigError(f"{key}.mass=null with processes: expected {expectation}")
    if component.mass is not None and component.formula is not None:
        raise ConfigError(
            f"{key}.mass={component.mass:g} with formula={component.formula}: expected null, as "
            "the formula has its own"
        )
    if component.parameters and component.formula is None:
        raise ConfigError(f"{key}.parameters without formula: expected parameters of a formula")
    selector = component.species or component.database
    if selector and (component.formula is not None or component.processes):
        raise ConfigError(
            f"{key}: species or database={selector}: expected only for a component of a file"
        )
    for index, process in enumerate(component.processes):
        _check_table(f"{key}.processes[{index}]", process)
    for index, process in enumerate(component.extra_processes):
        _check_table(f"{key}.extra_processes[{index}]", process)


def _check_table(key: str, process: ProcessConfig) -> None:
    """A table has as many values as energies, at least one, and ascending energies."""
    energies, values = process.energies, process.cross_sections
    if len(energies) != len(values) or not energies:
        raise ConfigError(
            f"{key}.cross_sections has {len(values)} values for {len(energies)} energies: "
            "expected one value for each energy, and at least one energy"
        )
    for index in range(1, len(energies)):
        if energies[index] <= energies[index - 1]:
            raise ConfigError(
                f"{key}.energies[{index}]={energies[index]}: expected an energy above the one "
                f"before it, {energies[index - 1]} (eV)"
            )
    if process.statistical_weight_ratio is not None and not (
        process.kind in ("EXCITATION", "ROTATION") and process.threshold > 0.0
    ):
        raise ConfigError(
            f"{key}.statistical_weight_ratio={process.statistical_weight_ratio:g} of "
            f"{process.kind} with threshold={process.threshold:g}: expected only for "
            "EXCITATION and ROTATION with a threshold above 0"
        )
    if process.upper and process.kind not in ("EXCITATION", "ROTATION"):
        raise ConfigError(
            f"{key}.upper={process.upper} of {process.kind}: expected a level only after an "
            "EXCITATION or ROTATION"
        )
    if (process.angular_model == "table") != (process.angular_table is not None):
        raise ConfigError(
            f"{key}.angular_model={shown(process.angular_model)} with angular_table "
            f"{'not ' if process.angular_table is None else ''}set: expected a table if and only "
            "if the model is table"
        )
    if process.angular_table is not None:
        _check_angular_table(f"{key}.angular_table", process.angular_table)


def _check_angular_table(key: str, table: AngularTableConfig) -> None:
    """A differential cross section covers all angles, and does not vanish at any energy."""
    ascending = all(a < b for values in (table.energies, table.angles) for a, b in pairwise(values))
    if not (ascending and table.energies and table.angles[:1] == [0.0] and table.angles[-1] == 180):
        raise ConfigError(
            f"{key}: expected strictly ascending energies, and angles from 0 to 180 (degrees)"
        )
    shaped = len(table.values) == len(table.energies)
    if not shaped or any(len(r) != len(table.angles) or not any(r) for r in table.values):
        raise ConfigError(
            f"{key}.values: expected a list for each of the {len(table.energies)} energies, with "
            f"a value, not all zero, for each of the {len(table.angles)} angles"
        )


def _check_uncertainty(key: str, uncertainty: UncertaintyConfig) -> None:
    """An uncertainty is a number, or a table with as many values as ascending energies."""
    energies, values = uncertainty.energies, uncertainty.values
    if (uncertainty.relative is None) != bool(energies or values):
        raise ConfigError(
            f"{key}.relative={shown(uncertainty.relative)} with {len(energies)} energies: expected "
            "either a number or a table"
        )
    if len(energies) != len(values) or any(a >= b for a, b in pairwise(energies)):
        raise ConfigError(
            f"{key}.values has {len(values)} values for {len(energies)} energies: expected one "
            "for each of some strictly ascending energies"
        )


def _check_start(sim: SimConfig) -> None:
    """The rules between what the electrons start from."""
    energies, values = sim.initial_eedf_energies, sim.initial_eedf
    ascending = all(low < high for low, high in pairwise(energies))
    sound = len(energies) == len(values) >= 2 and ascending and any(values)
    if sim.initial_distribution == "table" and not sound:
        raise ConfigError(
            f"sim.initial_eedf has {len(values)} values for {len(energies)} energies: expected "
            "one value, not all zero, for each of at least two ascending initial_eedf_energies"
        )
    direction = sim.initial_direction
    if direction is not None and not (len(direction) == 3 and any(direction)):
        raise ConfigError(
            f"sim.initial_direction={direction}: expected three numbers, not all zero, or null"
        )


def check_levels(gas: GasConfig, sim: SimConfig) -> None:
    """Treanor's distribution has no limit in a gas at rest."""
    if gas.vibrational_distribution == "treanor" and sim.temperature == 0.0:
        raise ConfigError(
            "sim.temperature=0 with gas.vibrational_distribution=treanor: expected a temperature "
            "above 0 (K)"
        )


def check_sim(sim: SimConfig) -> None:
    """The rules between the fields of the simulation."""
    steady = not sim.waveform.is_set
    if steady and sim.en == 0 and sim.temperature == 0:
        raise ConfigError("sim.en=0 with sim.temperature=0: expected a field or a temperature")
    if steady and sim.en == 0 and sim.thermal == "false":
        raise ConfigError(
            "sim.en=0 with sim.thermal=false: expected a field, or a gas in motion (auto, true)"
        )
    if sim.angular_parameter is not None and sim.angular_model not in MODELS_WITH_A_PARAMETER:
        raise ConfigError(
            f"sim.angular_parameter={sim.angular_parameter:g} with sim.angular_model="
            f"{sim.angular_model}: expected only with {', '.join(MODELS_WITH_A_PARAMETER)}"
        )
    if sim.frequency > 0.0 and sim.en == 0.0:
        raise ConfigError("sim.frequency with sim.en=0: expected a field that alternates")
    if sim.blend_low > sim.blend_high:
        raise ConfigError(
            f"sim.blend_low={sim.blend_low:g}: expected at most sim.blend_high={sim.blend_high:g}"
        )
    _check_start(sim)
    count = sub_swarm_count(sim)
    if not count <= sim.electrons <= MAX_ELECTRONS_PER_SUB_SWARM * count:
        raise ConfigError(
            f"sim.sub_swarms={count} with sim.electrons={sim.electrons}: expected "
            f"1 to {MAX_ELECTRONS_PER_SUB_SWARM} electrons in each sub-swarm"
        )
    _check_stop(sim)


def _check_stop(sim: SimConfig) -> None:
    """Something can end the run."""
    limits = (sim.stop.real_collisions, sim.stop.simulated_time, sim.stop.wall_time)
    targets = rel_error_targets(sim)
    if all(value is None for value in (*limits, *targets.values())):
        raise ConfigError(
            "sim.stop has every entry null that could end this run: expected at least one of "
            f"{', '.join(keys_of(StopConfig))} with a value (rel_error: {', '.join(targets)})"
        )
