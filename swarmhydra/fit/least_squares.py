"""Factors on cross sections that make measured swarm data most likely."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from scipy import optimize
from tabulate import tabulate

from swarmhydra.boltzmann.solve import Request, SolverError
from swarmhydra.config import ConfigError
from swarmhydra.fit.free_curves import Factor, factors_of, refined
from swarmhydra.fit.measurements import Measurements, read_measurements
from swarmhydra.fit.settings import FitConfig, check
from swarmhydra.fit.swarm_model import Prediction, SwarmModel
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.variables import VARIABLES

LARGEST = float(np.log(1e3))
"""Largest logarithm of a factor that is looked for."""

PRECISION = 1e-3
"""Share of the standard errors of the factors at which the search ends."""


@dataclass(frozen=True)
class Fit:
    """The result of a fit.

    Attributes
    ----------
    factors : list of Factor
        What was free.
    factor : ndarray, shape (n,)
        Their values.
    covariance : ndarray, shape (n, n)
        Of their logarithms, by the errors of the data and the priors.
    chi_squared : float
        Sum of the squares of (measured - predicted) / error over the data.
    measurements : Measurements
    predicted : ndarray, shape (m,)
        The coefficients with the fitted cross sections, in the units of the measurements.
    constraint : ndarray, shape (n, m)
        Fraction of the Fisher information on each factor (others fixed) due to each measurement;
        the rest is due to its prior.
    """

    factors: list[Factor]
    factor: FloatArray
    covariance: FloatArray
    chi_squared: float
    measurements: Measurements
    predicted: FloatArray
    constraint: FloatArray

    @property
    def error(self) -> FloatArray:
        """Relative standard errors of the factors."""
        return np.sqrt(np.diag(self.covariance))

    def dataset(self) -> xr.Dataset:
        """The fit as it is saved.

        Measured and predicted values have the unit of their quantity, coordinate ``units``.
        """
        names = [factor.name for factor in self.factors]
        data = self.measurements
        units = [VARIABLES[name].units for name in data.quantity]
        same_unit = {"units": units[0]} if len(set(units)) == 1 else {}
        described = {
            "factor": ("parameter", self.factor, "factor on the cross section"),
            "factor_error": ("parameter", self.error, "relative standard error of the factor"),
            "covariance": (
                ("parameter", "parameter_2"),
                self.covariance,
                "covariance of the logarithms of the factors",
            ),
            "quantity": ("datum", data.quantity, "coefficient that was measured"),
            "process": ("datum", data.process, "process of a rate coefficient"),
            "measured": ("datum", data.value, "measured value"),
            "measured_error": ("datum", data.error, "standard error of the measured value"),
            "predicted": ("datum", self.predicted, "value with the fitted cross sections"),
            "constraint": (
                ("parameter", "datum"),
                self.constraint,
                "fraction of the Fisher information on a factor due to a measurement",
            ),
        }
        without_unit: dict[str, dict[str, str]] = {"quantity": {}, "process": {}}
        own = without_unit | dict.fromkeys(("measured", "measured_error", "predicted"), same_unit)
        variables = {
            name: (dims, values, own.get(name, {"units": "1"}) | {"long_name": words})
            for name, (dims, values, words) in described.items()
        }
        coordinates = {
            "parameter": names,
            "parameter_2": names,
            "en": ("datum", data.en, {"units": "Td", "long_name": "reduced electric field E/N"}),
            "units": ("datum", units, {"long_name": "unit of measured and predicted values"}),
        }
        attributes = {
            "title": "Cross sections fitted to swarm data",
            "chi_squared": self.chi_squared,
        }
        return xr.Dataset(variables, coordinates, attributes)

    def __str__(self) -> str:
        """A table of the factors, and how well they do."""
        rows = [
            (factor.name, f"{value:.5f}", "±", f"{value * error:.5f}")
            for factor, value, error in zip(self.factors, self.factor, self.error, strict=True)
        ]
        table = tabulate(rows, ("factor on", "value", "", "error"), disable_numparse=True)
        count = len(self.measurements.quantity)
        return f"{table}\nchi squared {self.chi_squared:.4g} of {count} measurements"


def fit(settings: FitConfig, measurements: Measurements | None = None) -> Fit:
    """Fit cross sections to measurements.

    Parameters
    ----------
    settings : FitConfig
        Of which ``data`` is read if there are no measurements beside it.
    measurements : Measurements, optional

    Raises
    ------
    ConfigError
        If settings or data cannot be used, or a swarm has no solution; one line.

    Examples
    --------
    >>> from swarmhydra.fit import FitConfig, ParameterConfig, fit
    >>> free = ParameterConfig("Ar elastic", energies=[0.1, 1.0, 10.0])
    >>> fitted = fit(FitConfig("swarm.csv", ["gas=argon"], [free]))  # doctest: +SKIP
    >>> print(fitted)  # doctest: +SKIP
    """
    check(settings)
    data = read_measurements(settings.data) if measurements is None else measurements
    requests, processes = _requests(settings, data)
    factors = factors_of(settings.parameters, processes)
    search = _Search(requests, factors, data, data.rows(processes))
    try:
        logarithm = search.run()
    except SolverError as error:
        raise ConfigError(str(error)) from error
    return search.result(logarithm)


def _requests(settings: FitConfig, data: Measurements) -> tuple[dict[float, Request], list[str]]:
    """Requests to the solver by field (Td), and the names of the processes."""
    # Here, because composing a configuration takes all that a run takes.
    from swarmhydra.config.compose import composed
    from swarmhydra.run.checked import checked
    from swarmhydra.run.solver_request import solver_request
    from swarmhydra.swarm import from_config

    requests, processes = {}, []
    for en in np.unique(data.en).tolist():
        own = ("method=boltzmann", "sim.thermal=true", f"sim.en={en!r}")
        medium = from_config.medium(checked(composed([*own[:2], *settings.settings, own[2]])))
        requests[en] = solver_request(medium, None, settings.tolerance)
        processes = [process.name for process in medium.mixture.processes]
    return requests, processes


class _Search:
    """The search for the best factors."""

    def __init__(
        self,
        requests: dict[float, Request],
        factors: list[Factor],
        data: Measurements,
        rows: np.ndarray,
    ) -> None:
        """Store the data, and refine the tables of the gas; the grids are made by `run`."""
        self._requests = {
            en: replace(request, model=refined(request.model, factors))
            for en, request in requests.items()
        }
        self._factors, self._data, self._rows = factors, data, rows
        self._models: dict[float, SwarmModel] = {}
        self._last: tuple[bytes, Prediction] | None = None
        self._prior = np.array([each.prior or np.inf for each in factors])

    def run(self) -> FloatArray:
        """The logarithms of the best factors; far from the start, the grids are made anew."""
        best = np.zeros(len(self._factors))
        for _ in range(2):
            self._models = {
                en: SwarmModel(request, self._factors, best)
                for en, request in self._requests.items()
            }
            self._last = None
            minimum = optimize.least_squares(
                self._residuals,
                best,
                self._jacobian,
                bounds=(-LARGEST, LARGEST),
                xtol=None,
                gtol=None,
                ftol=PRECISION**2,
            )
            step, best = np.abs(minimum.x - best), minimum.x
            if np.all(step <= 1.0):
                break
        return np.asarray(best)

    def result(self, logarithm: FloatArray) -> Fit:
        """The fit at its end."""
        slope = self._jacobian(logarithm)
        data_slope = slope[: len(self._rows)]
        information = slope.T @ slope
        residual = self._residuals(logarithm)[: len(self._rows)]
        return Fit(
            self._factors,
            np.exp(logarithm),
            np.asarray(np.linalg.pinv(information)),
            float(residual @ residual),
            self._data,
            self._predict(logarithm).value,
            data_slope.T**2 / np.diag(information)[:, None],
        )

    def _predict(self, logarithm: FloatArray) -> Prediction:
        """All coefficients that were measured."""
        key = logarithm.tobytes()
        if self._last is None or self._last[0] != key:
            value = np.empty(len(self._rows))
            slope = np.empty((len(self._rows), len(self._factors)))
            for en, model in self._models.items():
                at = self._data.en == en
                there = model.predict(logarithm, self._rows[at])
                value[at], slope[at] = there.value, there.slope
            self._last = key, Prediction(value, slope)
        return self._last[1]

    def _residuals(self, logarithm: FloatArray) -> FloatArray:
        """Distances from the data, then from the priors, in standard errors, shape (m + n,)."""
        from_data = (self._predict(logarithm).value - self._data.value) / self._data.error
        return np.concatenate([from_data, logarithm / self._prior])

    def _jacobian(self, logarithm: FloatArray) -> FloatArray:
        """Their derivatives by the logarithms of the factors, shape (m + n, n)."""
        slope = self._predict(logarithm).slope / self._data.error[:, None]
        return np.concatenate([slope, np.diag(1.0 / self._prior)])
