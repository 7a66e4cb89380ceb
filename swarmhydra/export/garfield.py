"""A sweep over E, B and their angle as a gas file of Garfield++.

The layout is that of version 12 as `MediumGas::LoadGasFile` of Garfield++ reads it (R. Veenhof and
H. Schindler, https://garfieldpp.web.cern.ch; `ReadHeader`, `ReadRecord1D`, `ReadRecord3D` and
`ReadFooter` of `MediumGas.cc`): a header, then for each field, angle and magnetic field one record,
then a footer. Units there: V/cm/Torr, cm/us, and coefficients that are scaled with the pressure p
(Torr): diffusion sqrt(2 D / W) sqrt(p) (cm^1/2 Torr^1/2), ln(alpha / p) and ln(eta / p)
(1/cm/Torr), magnetic fields in 0.01 T.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from swarmhydra.export.formats import source
from swarmhydra.export.table import ExportError, selected, shares_of
from swarmhydra.kernels.arrays import FloatArray

TORR = 101325.0 / 760.0
BOLTZMANN = 1.380649e-23
NOTHING = -30.0
"""Logarithm that stands for a coefficient of zero."""

GASES = 60
"""Gases in the list of Magboltz."""

NUMBERS = dict(
    zip(
        [
            *("CF4", "Ar", "He", "He-3", "Ne", "Kr", "Xe", "CH4", "C2H6", "C3H8"),
            *("iC4H10", "CO2", "neoC5H12", "H2O", "O2", "N2", "NO", "N2O", "C2H4", "C2H2"),
            *("H2", "D2", "CO", "Methylal", "DME", "Reid-Step", "Maxwell-Model", "Reid-Ramp"),
            *("C2F6", "SF6", "NH3"),
        ],
        range(1, 32),
        strict=True,
    )
)
"""Numbers of gases in that list, by the names of Garfield++."""

_AXES = ("en", "eb_angle", "bn")
_STEADY = 273.15


def to_garfield(sweep: xr.DataTree | xr.Dataset, kind: str = "flux", **select: float | str) -> str:
    """The gas file of a sweep.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        From `swarmhydra.open_sweep`, over E/N, and if wanted over B/N and the angle: a job for
        every combination.
    kind : str, optional
        ``flux`` or ``bulk`` velocities and diffusion.
    **select : float or str
        What to take of a sweep over more than these.

    Raises
    ------
    ExportError
        If a combination is missing, a gas has no number in Magboltz, or an angle is above 90.
    """
    root = selected(sweep, _AXES, **select)
    axes = {
        name: np.unique(np.broadcast_to(root[name].values, root.sizes["job"])) for name in _AXES
    }
    if not np.any(axes["bn"] > 0.0):
        axes["eb_angle"] = np.array([90.0])
    if axes["eb_angle"].max() > 90.0:
        raise ExportError(f"eb_angle={axes['eb_angle'].max():g}: Garfield++ has angles up to 90")
    gas = _Gas.of(root)
    three_dimensional = axes["bn"].size * axes["eb_angle"].size > 1
    lines = [*_header(root, axes, gas, three_dimensional)]
    numbers: list[float] = []
    for en, angle, bn in itertools.product(*axes.values()):
        numbers += _record(_point(root, en, angle, bn), kind, gas, three_dimensional)
    lines += _rows(numbers, 8)
    return "\n".join([*lines, *_footer(gas), ""])


class _Gas:
    """Pressure (Torr), temperature (K) and number density (1/m3) of the table."""

    def __init__(self, pressure: float, temperature: float) -> None:
        self.torr, self.temperature = pressure / TORR, temperature
        self.density = pressure / (BOLTZMANN * (temperature or _STEADY))

    @classmethod
    def of(cls, root: xr.Dataset) -> _Gas:
        """Of a sweep."""
        return cls(
            float(root["pressure"].values.flat[0]), float(root["temperature"].values.flat[0])
        )


def _point(root: xr.Dataset, en: float, angle: float, bn: float) -> xr.Dataset:
    """The job at a field, an angle and a magnetic field; without the latter at any angle."""
    count = root.sizes["job"]
    values = {name: np.broadcast_to(root[name].values, count) for name in _AXES}
    at_point = (values["en"] == en) & (values["bn"] == bn)
    if bn > 0.0:
        at_point &= values["eb_angle"] == angle
    if not at_point.any():
        raise ExportError(f"the sweep has no job with en={en:g} bn={bn:g} eb_angle={angle:g}")
    return root.isel(job=int(np.flatnonzero(at_point)[0]))


def _record(one: xr.Dataset, kind: str, gas: _Gas, three_dimensional: bool) -> list[float]:
    """The numbers of one record."""
    along_x, along_y, drift = (float(each) for each in one[f"velocity_vector_{kind}"].values)
    cm_per_us = 1e-4
    # Electrons drift along +z and B lies in the x-z plane, so that E x B points along -y.
    velocities = [drift * cm_per_us, abs(along_x) * cm_per_us, -along_y * cm_per_us]
    diffusion = [
        math.sqrt(max(200.0 * coefficient / (gas.density * drift), 0.0) * gas.torr)
        if drift > 0.0
        else 0.0
        for coefficient in (
            float(one[f"reduced_diffusion_{each}_{kind}"])
            for each in ("longitudinal", "transverse")
        )
    ]
    alpha, eta = (
        _logarithm(float(one[f"reduced_townsend_{each}"]) * gas.density / 100.0 / gas.torr)
        for each in ("ionization", "attachment")
    )
    # Not in this file: mobility and dissociation of ions, Lorentz angle, the diffusion tensor.
    rest = [0.0, 0.0, NOTHING, *[0.0] * 6]
    if three_dimensional:
        return [*velocities, *diffusion, alpha, alpha, eta, *rest]
    # In one dimension each number but the second alpha is followed by a coefficient of a spline.
    before = [number for value in (*velocities, *diffusion, alpha) for number in (value, 0.0)]
    return [*before, alpha, *(number for value in (eta, *rest) for number in (value, 0.0))]


def _logarithm(value: float) -> float:
    """The logarithm of a coefficient; `NOTHING` for one that is zero or unknown."""
    return max(math.log(value), NOTHING) if value > 0.0 else NOTHING


def _header(
    root: xr.Dataset, axes: dict[str, FloatArray], gas: _Gas, three_dimensional: bool
) -> Iterator[str]:
    """Everything up to the records."""
    shares = shares_of(root)
    unknown = [name for name in shares if name not in NUMBERS]
    if unknown or not shares:
        raise ExportError(
            f"{', '.join(unknown) or 'a gas of unknown shares'}: no gas of Magboltz; expected some "
            f"of {', '.join(NUMBERS)}"
        )
    magnetic = bool(np.any(axes["bn"] > 0.0))
    present = {1, 3, 4, 6, 8} | ({9, 10} if magnetic else set())
    bits = "".join("T" if number in present else "F" for number in range(1, 21))
    mixture = [0.0] * GASES
    for name, share in shares.items():
        mixture[NUMBERS[name] - 1] = 100.0 * share
    parts = ", ".join(f"{name} {100.0 * share:g}%" for name, share in shares.items())
    yield f"% {source()}"
    yield " Version   : 12"
    yield f" GASOK bits: {bits}"
    yield f" Identifier: {parts}, T={gas.temperature:g} K, p={gas.torr / 760.0:g} atm"
    yield " Clusters  :"
    sizes = "".join(f"{axes[name].size:10d}" for name in _AXES)
    yield f" Dimension : {'T' if three_dimensional else 'F'}{sizes}{0:10d}{0:10d}"
    yield " E fields"
    volt_per_cm = axes["en"] * 1e-21 * gas.density / 100.0
    yield from _rows(volt_per_cm / gas.torr, 5)
    yield " E-B angles"
    yield from _rows(np.radians(axes["eb_angle"]), 5)
    yield " B fields"
    yield from _rows(axes["bn"] * 1e-27 * gas.density * 100.0, 5)
    yield " Mixture:"
    yield from _rows(mixture, 5)
    yield " The gas tables follow:"


def _footer(gas: _Gas) -> Iterator[str]:
    """Extrapolation, interpolation, pressure and temperature."""
    for name, method in (("H Extr:", 0), ("L Extr:", 1)):
        yield f" {name} " + "".join(f"{method:5d}" for _ in range(13))
    yield f" Thresholds: {1:10d}{1:10d}{1:10d}"
    yield " Interp: " + "".join(f"{2:5d}" for _ in range(13))
    zero = f"{0.0:15.8E}"
    yield f" A     ={zero}, Z     ={zero}, EMPROB={zero}, EPAIR ={zero}"
    yield f" Ion diffusion: {zero}{zero}"
    yield f" CMEAN ={zero}, RHO   ={zero}, PGAS  ={gas.torr:15.8E}, TGAS  ={gas.temperature:15.8E}"


def _rows(numbers: Sequence[float] | FloatArray, count: int) -> Iterator[str]:
    """Numbers in lines of so many."""
    texts = [f"{number:15.8E}" for number in numbers]
    for start in range(0, len(texts), count):
        yield " ".join(texts[start : start + count])
