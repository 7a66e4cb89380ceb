"""Angular scattering: the model of each process, and its integral cross section.

An angular model asks for integral cross sections. One of momentum transfer is made integral first,
see `with_integral_cross_sections`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import constants

from swarmhydra.config import SimConfig
from swarmhydra.gas.processes import Kind, Process, Traits, cross_section_at
from swarmhydra.kernels import angular_models
from swarmhydra.kernels.angular_models import Model
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import Scattering

HARTREE = constants.value("Hartree energy in eV")
"""Energy (eV) that sets the screening of `coulomb_screened` where no parameter is given: screening
over one Bohr radius (Okhrimovskyy, Bogaerts and Gijbels, Phys. Rev. E 65 (2002) 037402)."""

ANGULAR_POINTS = np.geomspace(1e-4, 1e6, 600)
"""Energies (eV) at which the factor between momentum transfer and integral is tabled."""


class Angular(NamedTuple):
    """How electrons are deflected where a process has no model of its own.

    Attributes
    ----------
    model : str
        One of `config.ANGULAR_MODELS`.
    parameter : float or None
        Parameter of the model.
    blend_low, blend_high : float
        Between these energies the model replaces isotropic scattering (eV).
    """

    model: str
    parameter: float | None
    blend_low: float
    blend_high: float


def angular_of(sim: SimConfig) -> Angular:
    """The angular model of the settings."""
    return Angular(sim.angular_model, sim.angular_parameter, sim.blend_low, sim.blend_high)


def scattering_of(processes: Sequence[Process], sim: SimConfig, look_up: bool) -> Scattering:
    """How electrons are deflected.

    Parameters
    ----------
    processes : sequence of Process, length P
    sim : SimConfig
        Model, parameter and blend window where a process has none of its own.
    look_up : bool
        Whether the kernels look angles up instead of computing them.

    Raises
    ------
    ValueError
        If a model and its parameter do not fit the process.
    """
    pairs = [_model_of(process, angular_of(sim)) for process in processes]
    model = np.array([m for m, _ in pairs], dtype=np.int64)
    parameter = np.array([p for _, p in pairs])
    table_of, tables = _sampler_tables(processes, pairs, look_up)
    momentum = sim.ionization_directions == "momentum"
    return Scattering(
        isotropic=bool(np.all(model == Model.ISOTROPIC)) and not momentum,
        model=model,
        parameter=parameter,
        blend_low=sim.blend_low,
        blend_high=sim.blend_high,
        table_of=table_of,
        table=tables,
    )


def with_integral_cross_sections(
    processes: Sequence[Process], angular: Angular
) -> tuple[Process, ...]:
    """The processes with integral cross sections, which tell how often electrons collide.

    A cross section of momentum transfer is divided by the mean of 1 - cos(chi) of the angular
    model, so that the momentum transfer stays the same.

    Raises
    ------
    ValueError
        If a model has no such mean, or does not fit the process.
    """
    return tuple(_with_integral(process, angular) for process in processes)


def _with_integral(process: Process, angular: Angular) -> Process:
    """One process with an integral cross section."""
    model, parameter = _model_of(process, angular)
    own = process.traits.momentum_transfer
    transfer = process.kind is Kind.ELASTIC if own is None else own
    if not transfer or model == Model.ISOTROPIC:
        return process
    if model in (Model.FORWARD, Model.TABULATED):
        raise ValueError(
            f"sim.angular_model={angular.model}: process {process.name!r} has a cross section of "
            f"momentum transfer, and {model.name.lower()} needs an integral one; expected: files "
            "with gas.elastic_is_integral=true, or own tables with momentum_transfer: false"
        )
    inside = (process.energy[0] < ANGULAR_POINTS) & (process.energy[-1] > ANGULAR_POINTS)
    energy = np.union1d(process.energy, ANGULAR_POINTS[inside])
    factor = mean_deflection(model, energy, parameter, angular)
    return replace(process, energy=energy, cross_section=cross_section_at(process, energy) / factor)


def mean_deflection(
    model: int, energy: FloatArray, parameter: float, angular: Angular
) -> FloatArray:
    """Mean of 1 - cos(chi) at energies (eV), of a model that is blended in between two energies."""
    low, high = angular.blend_low, angular.blend_high
    if high > low:
        chance = np.clip((energy - low) / (high - low), 0.0, 1.0)
    else:
        chance = (energy >= high).astype(np.float64)
    mean = angular_models.mean(model, energy, np.asarray(parameter))
    return np.asarray(1.0 - chance * (1.0 - mean))


def _model_of(process: Process, angular: Angular) -> tuple[Model, float]:
    """Angular model of a process, and its parameter for the kernels."""
    own, parameter = process.traits.angular_model, process.traits.angular_parameter
    name = own or angular.model
    if parameter is None and name == angular.model:
        parameter = angular.parameter
    if name == "forward":
        return Model.FORWARD, 0.0
    if name == "vahedi_surendra":
        return Model.VAHEDI_SURENDRA, 0.0
    if name == "table":
        return Model.TABULATED, 0.0
    if name == "born_dipole":
        return _dipole(process, bool(own))
    if name == "okhrimovskyy" and parameter is not None:
        if not -1.0 < parameter < 1.0:
            raise ValueError(
                f"process {process.name!r}: angular_parameter={parameter:g} of okhrimovskyy must "
                "be above -1 and below 1"
            )
        return Model.SCREENED_CONSTANT, parameter / (1.0 - parameter)
    if name in ("okhrimovskyy", "coulomb_screened"):
        energy = HARTREE if parameter is None else parameter
        if energy <= 0.0:
            raise ValueError(
                f"process {process.name!r}: angular_parameter={energy:g} of coulomb_screened must "
                "be above 0 (eV)"
            )
        return Model.SCREENED, 4.0 / energy
    return Model.ISOTROPIC, 0.0


def _dipole(process: Process, own: bool) -> tuple[Model, float]:
    """The dipole model, where the process loses or gains energy."""
    if process.threshold != 0.0:
        return Model.BORN_DIPOLE, process.threshold
    if own:
        raise ValueError(
            f"process {process.name!r}: the angular model born_dipole needs a threshold above 0"
        )
    return Model.ISOTROPIC, 0.0


def _sampler_tables(
    processes: Sequence[Process], pairs: list[tuple[Model, float]], look_up: bool
) -> tuple[IntArray, FloatArray]:
    """The table of each process, -1 for none, and the tables; equal models share one."""
    number_of: dict[tuple[Model, float] | Traits, int] = {}
    tables: list[FloatArray] = []
    table_of = np.full(len(processes), -1)
    for p, (model, parameter) in enumerate(pairs):
        angular_table = processes[p].traits.angular_table
        if model != Model.TABULATED and (not look_up or model == Model.ISOTROPIC):
            continue
        key = processes[p].traits if model == Model.TABULATED else (model, parameter)
        if key not in number_of:
            number_of[key] = len(tables)
            if angular_table is None:
                tables.append(angular_models.sampler_table(model, parameter))
            else:
                cosines = np.cos(np.radians(angular_table.angles))[::-1]
                values = angular_table.values[:, ::-1]
                tables.append(
                    angular_models.distribution_table(angular_table.energies, cosines, values)
                )
        table_of[p] = number_of[key]
    shape = angular_models.sampler_table(Model.ISOTROPIC, 0.0).shape
    return table_of, np.stack(tables) if tables else np.empty((0, *shape))
