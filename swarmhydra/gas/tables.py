"""What a file of cross sections states, before a gas is made of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from swarmhydra.gas.processes import Kind
from swarmhydra.kernels.arrays import FloatArray

MOMENTUM_KINDS = (Kind.ELASTIC, Kind.EFFECTIVE)
"""The kinds after which the target is what it was; a species needs one process of them."""


class TableError(ValueError):
    """A file of cross sections that cannot be used: file, line, what is there, what was expected.

    Parameters
    ----------
    path : str or Path
        The file.
    line : int
        Its line, from 1 on.
    fault : str
        What is wrong, and what was expected.

    Attributes
    ----------
    line : int
        The line.
    """

    def __init__(self, path: str | Path, line: int, fault: str) -> None:
        super().__init__(f"{path}, line {line}: {fault}")
        self.line = line


@dataclass(frozen=True)
class Remark:
    """Something that a reader had to guess, or that a user should know.

    Attributes
    ----------
    line : int
        Line of the file.
    text : str
        The remark, without file and line.
    """

    line: int
    text: str


@dataclass(frozen=True)
class Transition:
    """The two levels of a molecule between which a collision takes it.

    Attributes
    ----------
    molecule : str
        Chemical name of the molecule, such as ``N2``; files may call the target otherwise.
    initial, final : str
        Names of the levels before and after the collision, such as ``J=0`` and ``v=3``.
    """

    molecule: str
    initial: str
    final: str


@dataclass(frozen=True)
class ThreeBody:
    """That a table is per density of a third molecule, which takes part in the collision.

    The cross section (m²) is the value of the table times `unit` times the number density of the
    third body (1/m³).

    Attributes
    ----------
    third_body : str
        Species of the third body; empty for any molecule of the gas.
    unit : float or None
        Unit of the table (m⁵); None where the file does not tell it.
    reason : str
        What says that the process needs a third body.
    """

    third_body: str
    unit: float | None
    reason: str

    def remark(self, line: int) -> Remark:
        """What a user must know about the process that begins at a line."""
        density = f"the density of {self.third_body or 'the gas'}"
        text = f"a three-body process ({self.reason}), whose cross section is per {density}"
        return Remark(line, text)


@dataclass(frozen=True, eq=False)
class Table:
    """One process as a file states it.

    Attributes
    ----------
    kind : Kind
        What the collision does.
    target, product : str
        Species that the electron hits, and what it becomes; the product may be empty.
    threshold : float
        Energy that the electron loses (eV).
    mass_ratio : float or None
        Electron mass over target mass, where the file gives it.
    statistical_weight_ratio : float or None
        Statistical weight of the product over that of the target; None where the file does not ask
        for the reverse process.
    energy, cross_section : ndarray, shape (n,)
        The table (eV, m²), with the numbers of the file. Energies ascend; where one stands twice
        the cross section has a step. Of a three-body process the unit is that of `three_body`.
    line : int
        First line of the process in the file.
    database : str
        Name of the database that the process is from.
    notes : dict of str to str
        What the file says about it: ``SPECIES``, ``PROCESS``, ``PARAM.``, ``COMMENT``, ``UPDATED``,
        ``COLUMNS``; the text of several lines is joined.
    keyword : str
        Word of the file for the kind, such as ``VIBRATIONAL``; empty where it is that of `kind`.
    transition : Transition or None
        The levels, where the file names both.
    three_body : ThreeBody or None
        None for a usual collision with one molecule.
    complete_set : bool or None
        Whether the file calls it part of a complete set; None where it does not say.
    remarks : tuple of Remark
        What was guessed.
    """

    kind: Kind
    target: str
    product: str
    threshold: float
    mass_ratio: float | None
    statistical_weight_ratio: float | None
    energy: FloatArray
    cross_section: FloatArray
    line: int
    database: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    keyword: str = ""
    transition: Transition | None = None
    three_body: ThreeBody | None = None
    complete_set: bool | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def label(self) -> str:
        """The process in a few words."""
        if self.product and self.product != self.target:
            return f"{self.target} -> {self.product}"
        loss = f" {self.threshold:g} eV" if self.threshold else ""
        return f"{self.target} {self.kind.lower()}{loss}"


@dataclass(frozen=True)
class LeftOut:
    """A part of a file of which no process was made.

    Attributes
    ----------
    line : int
        First line of the block.
    keyword : str
        Its first line.
    label : str
        Name of the process, as far as it was understood.
    target : str
        Species that the electron hits; empty where that was not understood.
    reason : str
        Why it is left out.
    is_needed : bool
        Whether a run with the target would lack a process of electrons, so that it must not go on
        without being told to.
    reason_line : int
        Line at which the reason is.
    """

    line: int
    keyword: str
    label: str
    target: str
    reason: str
    is_needed: bool
    reason_line: int


@dataclass(frozen=True, eq=False)
class TableFile:
    """All processes of a file.

    Attributes
    ----------
    path : str
        The file.
    references : tuple of str
        How the file asks to be cited.
    tables : tuple of Table
        In the order of the file.
    left_out : tuple of LeftOut
        The blocks of which no table was made, in the order of the file.
    remarks : tuple of Remark
        What was guessed about the file as a whole.
    """

    path: str
    references: tuple[str, ...]
    tables: tuple[Table, ...]
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def species(self) -> tuple[str, ...]:
        """The targets with an elastic or effective cross section, in the order of the file.

        Those of which it could not be read count, so that a run with them says why.
        """
        places = [(t.line, t.target) for t in self.tables if t.kind in MOMENTUM_KINDS]
        places += [
            (block.line, block.target)
            for block in self.left_out
            if block.is_needed and block.target and "->" not in block.label
        ]
        return tuple(dict.fromkeys(target for _, target in sorted(places, key=lambda p: p[0])))


def gathered(path: str, remarks: Iterable[Remark]) -> Iterator[str]:
    """Remarks as sentences with file and line, one for each text that occurs.

    Parameters
    ----------
    path : str
        The file.
    remarks : iterable of Remark
        In the order of the file.
    """
    lines: dict[str, list[int]] = {}
    for remark in remarks:
        lines.setdefault(remark.text, []).append(remark.line)
    for text, places in lines.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield f"{path}, line {places[0]}{more}: {text}"
