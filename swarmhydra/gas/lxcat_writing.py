"""Processes as text in the format of LXCat, from which they are read again exactly."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from swarmhydra.gas.lxcat_block import KEYWORDS
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.gas.reactions import transition_of
from swarmhydra.gas.tables import MOMENTUM_KINDS, Table, TableFile
from swarmhydra.kernels.arrays import FloatArray

# How a comment tells the unit (m5) of a three-body table.
_THREE_BODY_UNITS = {
    1.0: "values in m5",
    1e-10: "values in cm5",
    1e-6: "values in m2 per density in cm-3",
}


@dataclass(frozen=True)
class _Block:
    """What a block states; `first` and `weights` are the numbers of its third line."""

    keyword: str
    kind: Kind
    target: str
    product: str
    first: float | None
    weights: float | None
    energy: FloatArray
    cross_section: FloatArray
    parameters: Sequence[str] = ()
    notes: dict[str, str] = field(default_factory=dict)
    third_body: str = ""


def text_of(processes: Iterable[Process], citation: str = "") -> str:
    """Processes as the text of a file, from which the same numbers are read.

    Parameters
    ----------
    processes : iterable of Process
        Such as those of a mixture. The format knows nothing of fractions and angular models.
    citation : str
        Where they were published.

    Returns
    -------
    str
        The text, with every digit of the numbers.

    Raises
    ------
    ValueError
        If a name cannot be written, because it would read as something else.
    """
    references = [citation] if citation else []
    blocks = [_block_of_process(process) for process in processes]
    return "\n".join([*_head(references), *map(_block_text, blocks)])


def text_of_file(file: TableFile) -> str:
    """What was understood of a file as clean text, from which the same tables are read.

    Parameters
    ----------
    file : TableFile
        Blocks that were left out are named in comments.

    Returns
    -------
    str
        The text, with every digit of the numbers.
    """
    parts = []
    database = ""
    for table in file.tables:
        if table.database != database:
            database = table.database
            parts.append(f"{'x' * 80}\nDATABASE: {database}\n{'x' * 80}\n")
        parts.append(_block_text(_block_of_table(table)))
    left_out = [
        f"LEFT OUT: {' '.join(block.label.split())} (line {block.line} of the source)"
        for block in file.left_out
    ]
    head = _head(file.references)
    return "\n".join([*head, *left_out, *([""] if left_out else []), *parts])


def _head(references: Sequence[str]) -> list[str]:
    """How to cite the file."""
    lines = [f"- {' '.join(text.split())}" for text in references]
    return ["RECOMMENDED REFERENCE FORMAT", *lines, ""] if lines else []


def _block_of_process(process: Process) -> _Block:
    """A process of a mixture as a block."""
    product = process.name.rpartition("->")[2].strip()
    momentum = process.kind in MOMENTUM_KINDS
    if "\n" in f"{process.target}{product}" or not product or product == process.kind.value:
        raise ValueError(f"process {process.name!r} of {process.target!r}: no name for a file")
    return _Block(
        keyword=process.kind.value,
        kind=process.kind,
        target=process.target,
        product="" if momentum else product,
        first=float(process.mass_ratio if momentum else process.threshold),
        weights=process.traits.statistical_weight_ratio,
        energy=process.energy,
        cross_section=process.cross_section,
        notes={"COMMENT": process.name},
    )


def _block_of_table(table: Table) -> _Block:
    """A table of a file as a block."""
    momentum = table.kind in MOMENTUM_KINDS
    notes = {name: table.notes[name] for name in ("COMMENT", "UPDATED") if table.notes.get(name)}
    levels = table.transition
    is_level_word = levels is not None and KEYWORDS.get(table.keyword) is table.kind
    product = table.product
    if levels and transition_of(product, resolved=is_level_word) != levels:
        product = f"{levels.molecule} ({levels.initial}-{levels.final})"
    elif not product and table.statistical_weight_ratio is not None:
        # The way back needs a name for the upper level.
        product = f"{table.target}({table.threshold:g}eV)"
    is_usual_attachment = table.kind is Kind.ATTACHMENT and table.threshold == 0.0
    block = _Block(
        keyword=table.keyword if is_level_word else table.kind.value,
        kind=table.kind,
        target=table.target,
        product=product,
        first=table.mass_ratio if momentum else None if is_usual_attachment else table.threshold,
        weights=table.statistical_weight_ratio,
        energy=table.energy,
        cross_section=table.cross_section,
        parameters=["complete set"] if table.complete_set else [],
        notes=notes,
    )
    if table.complete_set is False:
        block = _with_comment(block, "not part of the complete set")
    if table.three_body is not None:
        block = replace(block, third_body=table.three_body.third_body or "M")
        unit = _THREE_BODY_UNITS.get(table.three_body.unit or 0.0, "in a unit that is not known")
        block = _with_comment(block, f"three-body, {unit}")
    return block


def _with_comment(block: _Block, text: str) -> _Block:
    """A block with a further comment."""
    comment = block.notes.get("COMMENT", "")
    if text in comment:
        return block
    return replace(block, notes={**block.notes, "COMMENT": f"{comment} {text}".strip()})


def _process_note(block: _Block, arrow: str) -> str:
    """The collision with its electrons."""
    before = f"E + {block.target}" + (f" + {block.third_body}" if block.third_body else "")
    electrons = {Kind.IONIZATION: "E + E + ", Kind.ATTACHMENT: ""}.get(block.kind, "E + ")
    after = f"{electrons}{block.product or block.target}"
    return f"{before} {arrow} {after}, {block.keyword.capitalize()}"


def _block_text(block: _Block) -> str:
    """One block."""
    arrow = "->" if block.weights is None else "<->"
    numbers = [value for value in (block.first, block.weights) if value is not None]
    names = ("m/M" if block.kind in MOMENTUM_KINDS else "E", "g1/g0")
    parameters = [f"{name} = {value!r}" for name, value in zip(names, numbers, strict=False)]
    parameters = [text + " eV" if text.startswith("E =") else text for text in parameters]
    parameters += block.parameters
    rows = zip(block.energy.tolist(), block.cross_section.tolist(), strict=True)
    return "\n".join(
        [
            block.keyword,
            f"{block.target} {arrow} {block.product}" if block.product else block.target,
            *([" ".join(map(repr, numbers))] if numbers else []),
            f"SPECIES: e / {block.target}",
            f"PROCESS: {_process_note(block, arrow)}",
            *([f"PARAM.:  {', '.join(parameters)}"] if parameters else []),
            *(
                f"{key}: {line}"
                for key, text in block.notes.items()
                for line in textwrap.wrap(text, 88, break_long_words=False)
            ),
            "COLUMNS: Energy (eV) | Cross section (m2)",
            "-----------------------------",
            *(f"{energy!r}\t{sigma!r}" for energy, sigma in rows),
            "-----------------------------",
            "",
        ]
    )
