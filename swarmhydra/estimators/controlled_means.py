"""Means of a swarm from the sums of its control variates; docs/physics.md derives them."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.estimators.moment_sums import Sums
from swarmhydra.kernels.arrays import FloatArray


@dataclass(frozen=True)
class ControlledMeans:
    """Means with reduced variance, by control variates.

    Attributes
    ----------
    means : dict of ndarray, shape (n,)
        Sums over the velocity moments, divided by the number of electrons; named by
        `ControlVariates`.
    growth : ndarray, shape (n,)
        Net ionization frequency nu (1/s).
    """

    means: Sums
    growth: FloatArray

    def mean(self, name: str) -> FloatArray:
        """⟨q + (B - nu) g⟩."""
        return self.means[name] - self.growth * self.means[f"{name} g"]

    def each(self, name: str, count: int) -> FloatArray:
        """The same for several processes, shape (n, processes)."""
        columns = [self.mean(f"{name} {number}") for number in range(count)]
        return np.stack(columns, axis=1) if columns else np.empty((self.growth.size, 0))

    def bulk_drift(self) -> FloatArray:
        """W = [⟨v_z φ + (B - nu) g⟩ + ⟨u (B - nu) φ⟩] / ⟨φ⟩."""
        own = self.means["bulk v+Bg"] - self.growth * self.means["bulk g"]
        return (own + self._image_of_weight(" along")) / self.means["weight"]

    def flux_along(self, flux: FloatArray, bulk: FloatArray) -> FloatArray:
        """⟨u [v_z - W_flux + (B - nu) g]⟩ + ⟨(v_z - W_bulk) g + (B - nu) k⟩, u about its mean."""
        moving = self.means["flux v+Bg along"] - self.growth * self.means["flux g along"]
        return moving - flux * self.means["place"] + self._remembered("flux", bulk)

    def bulk_along(self, drift: FloatArray) -> FloatArray:
        """[⟨u ((v_z-W) φ + (B-nu) g)⟩ + ⟨(v_z-W) g + (B-nu) k⟩ + ⟨u² (B-nu) φ⟩/2] / ⟨φ⟩."""
        place = self.means["place"]
        moving, still = (
            self.means[f"bulk v+Bg{at}"]
            - self.growth * self.means[f"bulk g{at}"]
            - drift * self.means[f"weight{at}"]
            for at in (" along", "")
        )
        squared, along, plain = map(self._image_of_weight, (" along_squared", " along", ""))
        about_mean = squared - 2.0 * place * along + place**2 * plain
        rest = self._remembered("bulk", drift)
        return (moving - place * still + rest + 0.5 * about_mean) / self.means["weight"]

    def across(self, name: str) -> FloatArray:
        """⟨x [v_x q + (B - nu) g]⟩ + ⟨v_x g + (B - nu) k⟩."""
        moving = self.means[f"{name} v+Bg across"] - self.growth * self.means[f"{name} g across"]
        still = self.means[f"{name} vg+Bk across"] - self.growth * self.means[f"{name} k across"]
        return moving + still

    def bulk_across(self) -> FloatArray:
        """As `across` with electrons counted by their importance, which is only roughly right."""
        squared = self._image_of_weight(" across_squared")
        return np.asarray((self.across("bulk") + 0.5 * squared) / self.means["weight"])

    def _image_of_weight(self, place: str) -> FloatArray:
        """⟨(B - nu) φ⟩, times a displacement."""
        return self.means[f"weight{place} B"] - self.growth * self.means[f"weight{place}"]

    def _remembered(self, name: str, drift: FloatArray) -> FloatArray:
        """⟨(v_z - W) g + (B - nu) k⟩: the displacement to come, times the velocity."""
        centred = self.means[f"{name} vg+Bk"] - drift * self.means[f"{name} g"]
        return centred - self.growth * self.means[f"{name} k"]
