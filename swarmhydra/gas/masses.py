"""Masses of molecules by their chemical formulas."""

import re

# Abridged standard atomic weights (u): CIAAW, IUPAC, 2021. D is deuterium.
# fmt: off
ATOMIC_WEIGHTS = {
    "H": 1.008, "D": 2.0141, "He": 4.0026, "Li": 6.94, "Be": 9.0122, "B": 10.81, "C": 12.011,
    "N": 14.007, "O": 15.999, "F": 18.998, "Ne": 20.180, "Na": 22.990, "Mg": 24.305, "Al": 26.982,
    "Si": 28.085, "P": 30.974, "S": 32.06, "Cl": 35.45, "Ar": 39.95, "K": 39.098, "Ca": 40.078,
    "Ti": 47.867, "Cr": 51.996, "Mn": 54.938, "Fe": 55.845, "Ni": 58.693, "Cu": 63.546, "Zn": 65.38,
    "Ga": 69.723, "Ge": 72.630, "As": 74.922, "Se": 78.971, "Br": 79.904, "Kr": 83.798,
    "Rb": 85.468, "Sr": 87.62, "Mo": 95.95, "Ag": 107.87, "Cd": 112.41, "In": 114.82, "Sn": 118.71,
    "Te": 127.60, "I": 126.90, "Xe": 131.29, "Cs": 132.91, "Ba": 137.33, "W": 183.84, "Au": 196.97,
    "Hg": 200.59, "Tl": 204.38, "Pb": 207.2,
}
# fmt: on

_STATE = re.compile(r"[*^+\-].*|\(.*")


def mass_of(species: str) -> float | None:
    """Mass of a molecule (u).

    Parameters
    ----------
    species : str
        Such as ``N2``, ``C2H6``, ``N2(v1)`` or ``Ar*``: what follows the formula is left out.

    Returns
    -------
    float or None
        None where the name is no chemical formula.
    """
    formula = _STATE.sub("", species.strip())
    parts = re.findall(r"([A-Z][a-z]?)(\d{0,3})", formula)
    if not parts or "".join(a + n for a, n in parts) != formula:
        return None
    if any(atom not in ATOMIC_WEIGHTS for atom, _ in parts):
        return None
    return sum(ATOMIC_WEIGHTS[atom] * int(count or 1) for atom, count in parts)
