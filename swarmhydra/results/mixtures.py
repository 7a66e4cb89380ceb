"""Mixtures in words: the components of a gas with their shares."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

FROM_FILES = "lxcat"
"""What the option for files of cross sections calls every gas."""

MIXTURE = "mixture"
"""A coordinate made here: the components of the gas with their shares."""


def mixture_words(components: Sequence[str], fractions: Sequence[float]) -> str:
    """A mixture as its components with their shares.

    Parameters
    ----------
    components : sequence of str
    fractions : sequence of float
        Share of all gas particles of each; NaN or 0 for one that is not there.

    Examples
    --------
    >>> mixture_words(["Ar", "N2"], [0.98, 0.02])
    '98 % Ar + 2 % N2'
    >>> mixture_words(["Ar", "N2"], [1.0, 0.0])
    'Ar'
    """
    present = [pair for pair in zip(components, fractions, strict=True) if pair[1] > 0.0]
    if len(present) == 1:
        return present[0][0]
    return " + ".join(f"{100.0 * share:.4g} % {name}" for name, share in present)


def with_mixture(root: xr.Dataset, keep: str = "") -> xr.Dataset:
    """A sweep in which ``mixture`` stands for all settings that say what the gas is made of.

    Parameters
    ----------
    root : xarray.Dataset
        The coefficients of a sweep.
    keep : str, optional
        A setting that stays although the mixture stands for it.

    Returns
    -------
    xarray.Dataset
        The same if all jobs have one mixture, or none has more than one component.
    """
    if "fraction" not in root.coords or root["fraction"].dims == ("component",):
        return root
    if int((root["fraction"] > 0.0).sum("component").max()) < 2:
        return root
    names = root["component"].values.tolist()
    shares = root["fraction"].transpose(..., "component")
    flat = shares.values.reshape(-1, len(names))
    words = np.array([mixture_words(names, each.tolist()) for each in flat])
    words = words.reshape(shares.shape[:-1])
    root = root.assign_coords({MIXTURE: (shares.dims[:-1], words)})
    dependents = [name for name in root.coords if name != keep and _follows(root, str(name))]
    return root.drop_vars(dependents)


def _follows(root: xr.Dataset, name: str) -> bool:
    """Whether a setting of the gas is one and the same wherever the mixture is."""
    if name != "gas" and not name.startswith("gas."):
        return False
    if not set(root[name].dims) <= set(root[MIXTURE].dims):
        return False
    # In a cube a setting is an axis of its own, and the mixture varies along it.
    settings, mixtures = xr.broadcast(root[name], root[MIXTURE])
    pairs = zip(mixtures.values.flat, settings.values.flat, strict=True)
    values: dict[str, str] = {}
    return all(
        values.setdefault(str(mixture), str(value)) == str(value) for mixture, value in pairs
    )
