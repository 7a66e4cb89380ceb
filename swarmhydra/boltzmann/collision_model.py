"""What collisions do to an electron, as the kernels carry them out.

The description is made of the arrays that the kernels read, and calls their functions, so that it
cannot differ from what they do.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from swarmhydra.kernels import contract
from swarmhydra.kernels.angular_models import Model
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Scattering, Sharing, Tables
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.kernels.vectorised.determine_collisions import collision_frequency
from swarmhydra.kernels.vectorised.energy_sharing import opal_share
from swarmhydra.kernels.vectorised.look_up import square_root
from swarmhydra.kernels.vectorised.scattering import deflection_by_model, model_chance


class Nodes(NamedTuple):
    """Numbers of quadrature nodes for averages over the random variables of a collision.

    Attributes
    ----------
    along, across : int
        Gauss-Hermite nodes of the target's velocity along the electron's, and Gauss-Laguerre nodes
        of its square across; 3 and 1 are exact to second order of target over electron speed.
    turn : int
        Equal steps of the azimuth of a scattered electron about the relative velocity.
    cosine : int
        Gauss nodes of the deflection where scattering is isotropic.
    model : int
        Gauss nodes of the uniform number that an angular model turns into a deflection.
    share : int
        Gauss nodes of how two electrons share energy.
    """

    along: int = 3
    across: int = 1
    turn: int = 3
    cosine: int = 8
    model: int = 32
    share: int = 24


USUAL = Nodes()
"""For electrons much lighter than their targets."""


class Average(NamedTuple):
    """The mean over the outcomes of one process, as a sum; shapes (speeds, n).

    Attributes
    ----------
    weight : ndarray
        Frequency (1/s) with which electrons leave by each outcome.
    speed : ndarray
        Their speed (m/s).
    cosine : ndarray
        Cosine of the angle to the velocity before.
    frequency : ndarray, shape (speeds,)
        Frequency (1/s) of the process itself.
    directions : int
        How many outcomes in a row differ only by the direction of the electron that leaves.
    """

    weight: FloatArray
    speed: FloatArray
    cosine: FloatArray
    frequency: FloatArray
    directions: int = 1


@dataclass(frozen=True)
class CollisionModel:
    """All processes of a gas, as arrays.

    Attributes
    ----------
    tables : Tables
        Collision frequencies; bounds and bands are not read.
    scattering : Scattering
        Angular models.
    sharing : Sharing
        What ionizations do.
    """

    tables: Tables
    scattering: Scattering
    sharing: Sharing

    @property
    def processes(self) -> int:
        """Number of processes P."""
        return int(self.tables.action.size)

    @property
    def mass_ratio(self) -> FloatArray:
        """Shape (P,): electron mass over target mass."""
        return np.asarray(1.0 / self.tables.recoil - 1.0)

    def frequency(self, speed: FloatArray, process: int) -> FloatArray:
        """Frequency (1/s) of a process at relative speeds (m/s), of any shape."""
        flat = np.abs(speed).ravel()
        which = np.full(flat.size, process)
        return collision_frequency(flat, which, self.tables).reshape(speed.shape)

    def mean_frequency(self, speed: FloatArray, process: int, nodes: Nodes = USUAL) -> FloatArray:
        """Frequency (1/s) averaged over the motion of the targets, shape (n,).

        With the few nodes that the solver needs; `collisions.tables` makes the same average with
        many for the tables of the kernels (`CollisionTables.cell_average_frequency`).
        """
        relative, _, _, chance = self._targets(speed, process, nodes)
        return np.asarray(np.sum(self.frequency(relative, process) * chance, axis=1))

    def target_speed(self, speed: FloatArray, process: int) -> FloatArray:
        """Thermal speed (m/s) of the targets met at some speeds, in shape of these."""
        tables = self.tables
        # As the kernels do, above the last cell what holds in it.
        cell = np.minimum(speed * tables.inverse_cell_width, tables.ceiling.size - 1)
        return np.where(cell < tables.rest_cell, tables.target_speed[process], 0.0)

    def at_rest(self) -> "CollisionModel":
        """The same gas with all targets at rest."""
        return replace(self, tables=self.tables._replace(rest_cell=0))

    def warmth(self, speed: FloatArray) -> FloatArray:
        """kT/m_e of the gas (m2/s2), 0 at speeds where the motion of the targets is neglected."""
        thermal = np.stack([self.target_speed(speed, p) for p in range(self.processes)])
        return np.asarray(np.max(thermal**2 / self.mass_ratio[:, None], axis=0))

    def isotropic(self, process: int) -> bool:
        """Whether all directions after a process are alike, in the centre of mass."""
        momentum = self.sharing.momentum_conserving
        ionizes = self.tables.action[process] == contract.IONIZATION
        model = Model(int(self.scattering.model[process]))
        return model == Model.ISOTROPIC and not (momentum and ionizes)

    def breakpoints(self, top: float) -> FloatArray:
        """Speeds (m/s) below a top at which a threshold lies or the tables have a node."""
        tables = self.tables
        if tables.intervals_per_speed > 0.0:
            table = np.arange(tables.table.shape[0] // 2 + 1) / tables.intervals_per_speed
        else:
            table = np.sqrt(tables.node / HALF_MASS)
        speed = np.unique(np.concatenate([table, self.thresholds()]))
        return np.asarray(speed[(speed > 0.0) & (speed < top)])

    def kinks(self, top: float) -> tuple[FloatArray, FloatArray]:
        """Speeds (m/s) at which the slope of the tables changes, and how much (s/m).

        That is the change of the slope of the total collision frequency over itself. Look-up tables
        have none to speak of.
        """
        tables = self.tables
        if tables.intervals_per_speed > 0.0 or tables.node.size < 3:
            return np.empty(0), np.empty(0)
        # The two points of a step count as one.
        apart = np.append(np.diff(tables.node) > 1e-9 * tables.node[1:], True)
        energy, total = tables.node[apart], tables.table[apart].sum(axis=1)
        change = np.abs(np.diff(np.diff(total) / np.diff(energy)))
        speed = np.sqrt(energy[1:-1] / HALF_MASS)
        strength = 2.0 * HALF_MASS * speed * change / np.maximum(total[1:-1], 1e-300)
        inside = (speed > 0.0) & (speed < top)
        return speed[inside], strength[inside]

    def thresholds(self) -> FloatArray:
        """Speeds (m/s) at thresholds, ends of the blend window, and from where on targets rest."""
        energy = [*self.tables.threshold[self.tables.threshold > 0.0]]
        if not self.scattering.isotropic:
            energy += [self.scattering.blend_low, self.scattering.blend_high]
        speeds = np.sqrt(np.array(energy) / HALF_MASS)
        cells = self.tables.ceiling.size
        if self.tables.target_speed.any() and self.tables.rest_cell < cells:
            speeds = np.append(speeds, self.tables.rest_cell / self.tables.inverse_cell_width)
        speeds = np.unique(speeds)
        return np.asarray(speeds[speeds > 0.0])

    def steps(self, along: int = 3) -> FloatArray:
        """Speeds (m/s) at which thresholds are reached, one for each node of the target velocity.

        The nodes are those of Gauss-Hermite quadrature; `along` is their number.
        """
        tables, speeds = self.tables, []
        nodes = np.polynomial.hermite_e.hermegauss(along)[0]
        for process in np.flatnonzero(tables.threshold > 0.0):
            at_rest = np.sqrt(tables.threshold[process] / HALF_MASS)
            thermal = self.target_speed(np.array([at_rest]), int(process))
            speeds.append(at_rest + nodes * thermal)
        return np.concatenate(speeds) if speeds else np.empty(0)

    def outcomes(self, speed: FloatArray, process: int, nodes: Nodes = USUAL) -> Average:
        """Outcomes of a process for electrons of some speeds.

        Parameters
        ----------
        speed : ndarray, shape (n,)
            Above 0 (m/s).
        process : int
        nodes : Nodes

        Returns
        -------
        Average
        """
        relative, along, across, chance = self._targets(speed, process, nodes)
        frequency = self.frequency(relative, process) * chance
        total = frequency.sum(axis=1)
        if self.tables.action[process] == contract.ATTACHMENT:
            nothing = np.empty((speed.size, 0))
            return Average(nothing, nothing, nothing, total)
        energy = HALF_MASS * relative**2
        parts = []
        for share, chance_of_share, right_angle in self._shares(energy, process, nodes):
            c = self._scattered_speed(relative, energy, share, process)
            part = self._directions(
                speed, relative, along, across, c, frequency * chance_of_share, process,
                share if right_angle else None, nodes,
            )  # fmt: skip
            parts.append(part)
        weight, out, cosine = (np.concatenate(each, axis=1) for each in zip(*parts, strict=True))
        return Average(
            weight, out, cosine, total, weight.shape[1] // len(parts) // relative.shape[1]
        )

    def _targets(
        self, speed: FloatArray, process: int, nodes: Nodes
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Relative speed, its parts along and across the electron's velocity, and chances."""
        thermal = self.target_speed(speed, process)
        if not thermal.any():
            one = np.ones((speed.size, 1))
            return speed[:, None], speed[:, None], 0.0 * one, one
        x, wx = np.polynomial.hermite_e.hermegauss(nodes.along)
        r, wr = np.zeros(1), np.ones(1)
        if nodes.across:
            r, wr = np.polynomial.laguerre.laggauss(nodes.across)
        wx = wx / wx.sum()
        along = speed[:, None, None] - thermal[:, None, None] * x[:, None]
        along, across = np.broadcast_arrays(along, thermal[:, None, None] * np.sqrt(2.0 * r))
        relative = np.hypot(along, across)
        chance = np.broadcast_to(wx[:, None] * wr, relative.shape)
        shape = (speed.size, x.size * r.size)
        return (
            relative.reshape(shape), along.reshape(shape), across.reshape(shape),
            chance.reshape(shape),
        )  # fmt: skip

    def _shares(
        self, energy: FloatArray, process: int, nodes: Nodes
    ) -> list[tuple[FloatArray, float, bool]]:
        """Shares of the kept energy with which electrons leave, their weights, and directions."""
        one = np.ones_like(energy)
        if self.tables.action[process] != contract.IONIZATION:
            return [(one, 1.0, False)]
        sharing = self.sharing
        remainder = np.maximum(energy - self.tables.threshold[process], 0.0)
        share_by_rule = {
            contract.EQUAL: 0.5,
            contract.ONE_TAKES_ALL: 0.0,
            contract.FRACTION: sharing.fraction,
        }
        if sharing.rule in share_by_rule:
            shares = [(share_by_rule[sharing.rule] * one, 1.0)]
        else:
            x, w = np.polynomial.legendre.leggauss(nodes.share)
            if sharing.rule == contract.UNIFORM:
                # Both square roots of u and 1 - u are smooth in this angle.
                angle = 0.25 * np.pi * (x + 1.0)
                u, w = np.sin(angle) ** 2, 0.25 * np.pi * w * np.sin(2.0 * angle)
                shares = [(each * one, weight) for each, weight in zip(u, w, strict=True)]
            else:
                t = 0.5 * (x + 1.0)
                width = np.full(energy.size, sharing.opal_width[process])
                shares = [
                    (
                        opal_share(
                            np.full(energy.size, each**2), remainder.ravel(), width, sharing
                        ).reshape(energy.shape),
                        weight * each,
                    )
                    for each, weight in zip(t, w, strict=True)
                ]
        momentum = sharing.momentum_conserving
        return [
            (share, weight, momentum) for each, weight in shares for share in (each, 1.0 - each)
        ]

    def _scattered_speed(
        self, relative: FloatArray, energy: FloatArray, share: FloatArray, process: int
    ) -> FloatArray:
        """Speed in the centre of mass after the collision (m/s)."""
        threshold = self.tables.threshold[process]
        if threshold == 0.0:
            speed = relative * np.sqrt(share)
        else:
            remainder = np.maximum(energy - threshold, 0.0)
            speed = square_root(remainder * share / HALF_MASS, self.tables)
        return np.asarray(self.tables.recoil[process] * speed)

    def _deflections(
        self, energy: FloatArray, process: int, share: FloatArray | None, nodes: Nodes
    ) -> tuple[FloatArray, FloatArray]:
        """Cosines of the deflection, shape of the energies and nodes, with their chances."""
        if share is not None:
            return np.sqrt(share)[..., None], np.ones(1)
        x, w = np.polynomial.legendre.leggauss(nodes.cosine)
        isotropic = np.broadcast_to(x, (*energy.shape, x.size))
        model = int(self.scattering.model[process])
        if model == Model.ISOTROPIC:
            return isotropic, 0.5 * w
        t, wt = np.polynomial.legendre.leggauss(nodes.model)
        t, wt = 0.5 * (t + 1.0), 0.5 * wt
        # Points are dense near u = 1, where a model of forward scattering has its large angles.
        u, wu = 1.0 - t**3, 3.0 * t**2 * wt
        flat = energy.ravel()
        y = deflection_by_model(
            np.repeat(u[None], flat.size, axis=0).ravel(), np.repeat(flat, u.size), process,
            self.scattering,
        )  # fmt: skip
        modelled = 1.0 - y.reshape(*energy.shape, u.size)
        if model == Model.TABULATED:
            return modelled, wu
        chance = model_chance(energy, self.scattering.blend_low, self.scattering.blend_high)
        chance = chance[..., None]
        return (
            np.concatenate([modelled, isotropic], axis=-1),
            np.concatenate([chance * wu, (1.0 - chance) * 0.5 * w], axis=-1),
        )

    def _directions(
        self,
        speed: FloatArray,
        relative: FloatArray,
        along: FloatArray,
        across: FloatArray,
        out_speed: FloatArray,
        weight: FloatArray,
        process: int,
        share: FloatArray | None,
        nodes: Nodes,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Weights, speeds and cosines over all directions of a scattered electron."""
        deflection, chance = self._deflections(HALF_MASS * relative**2, process, share, nodes)
        recoil = self.tables.recoil[process]
        centre_along = speed[:, None] - recoil * along
        centre_across = -recoil * across
        steps = nodes.turn if across.any() else 1
        turn = np.cos(2.0 * np.pi * (np.arange(steps) + 0.5) / steps) if steps > 1 else np.zeros(1)
        # Unit vector of the relative velocity, and the one across it in the plane of both.
        safe = np.maximum(relative, 1e-300)
        cosine, sine = (along / safe)[..., None, None], (across / safe)[..., None, None]
        c = out_speed[..., None, None]
        mu = deflection[..., None]
        nu = np.sqrt(np.maximum(1.0 - mu * mu, 0.0)) * turn
        ahead = centre_along[..., None, None] + c * (mu * cosine - nu * sine)
        centre2 = (centre_along**2 + centre_across**2)[..., None, None]
        dot = (centre_along * along + centre_across * across)[..., None, None] / safe[
            ..., None, None
        ]
        dot_other = (centre_across * along - centre_along * across)[..., None, None] / safe[
            ..., None, None
        ]
        square = centre2 + c * c + 2.0 * c * (mu * dot + nu * dot_other)
        out = np.sqrt(np.maximum(square, 0.0))
        total = (weight[..., None] * chance)[..., None] / steps
        shape = (speed.size, int(np.prod(out.shape[1:])))
        return (
            np.broadcast_to(total, out.shape).reshape(shape),
            out.reshape(shape),
            np.clip(ahead / np.maximum(out, 1e-300), -1.0, 1.0).reshape(shape),
        )
