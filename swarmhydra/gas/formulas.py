"""Every gas that is published as formulas, by the name that settings give it.

Every curve takes electron energies in eV and returns m². Curves are tabulated on adaptive grids;
piecewise linear ones need only their corners.
"""

from swarmhydra.gas.argon import ARGON
from swarmhydra.gas.formula_set import FormulaSet
from swarmhydra.gas.helium import HELIUM
from swarmhydra.gas.model_gases import MODEL_GASES

FORMULAS: dict[str, FormulaSet] = {each.name: each for each in (ARGON, HELIUM, *MODEL_GASES)}
