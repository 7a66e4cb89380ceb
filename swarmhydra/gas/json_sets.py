"""Sets of cross sections as JSON: of the new LXCat, and of LoKI-B.

Both state each process by a reaction between named states; they differ in where its table, its
parameters and the names of the states are. What is needed is picked from either place::

    {"processes": [{"reaction": {"lhs": [...], "rhs": [...], "reversible": false,
                                 "type_tags": ["Effective"]},
                    "threshold": 0, "units": ["eV", "m^2"], "data": [[0, 1e-20], [1, 2e-20]],
                    "parameters": ["m/M = 0.0000136"], "reference": ["..."]}],
     "states": {"e": {"particle": "e", "charge": -1}}, "references": {"...": {"doi": "..."}}}
"""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from swarmhydra.gas.block_parameters import BlockFault
from swarmhydra.gas.json_values import (
    Json,
    notes_of,
    numbers_of,
    points_of,
    reference_text,
    unit_and_columns,
)
from swarmhydra.gas.lxcat_notes import complete_set_of, three_body_of
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import (
    MOMENTUM_KINDS,
    LeftOut,
    Remark,
    Table,
    TableError,
    TableFile,
    Transition,
)

_KINDS = {
    "ionization": Kind.IONIZATION,
    "attachment": Kind.ATTACHMENT,
    "effective": Kind.EFFECTIVE,
    "elastic": Kind.ELASTIC,
    "electronic": Kind.EXCITATION,
    "vibrational": Kind.EXCITATION,
    "dissociation": Kind.EXCITATION,
    "excitation": Kind.EXCITATION,
    "rotational": Kind.ROTATION,
}
"""By the tags of a reaction; of several the first one here counts."""

_LEVEL = re.compile(r"\b([Jv])=([^|{}(),\s]+)")

Side = list[tuple[int, str]]


def is_json(lines: Sequence[str]) -> bool:
    """Whether a file begins as JSON does."""
    first = next((text.strip() for text in lines if text.strip()), "")
    return first.startswith(("{", "["))


def parse(lines: Sequence[str], path: str | Path, remarks: tuple[Remark, ...] = ()) -> TableFile:
    """Read a file.

    Parameters
    ----------
    lines : sequence of str
        The file.
    path : str or Path
        Its name, for messages.
    remarks : tuple of Remark
        About the file, from those who made lines of it.

    Returns
    -------
    TableFile
        The processes, with exactly the numbers of the file; and those that are left out.

    Raises
    ------
    TableError
        If it is no JSON, or has no processes.
    """
    try:
        content = json.loads("\n".join(lines), parse_constant=str)
    except json.JSONDecodeError as error:
        raise TableError(path, error.lineno, f"{error.msg}; expected JSON") from error
    except (RecursionError, ValueError) as error:
        raise TableError(
            path, 1, "JSON that cannot be read; expected a set of processes"
        ) from error
    try:
        reader = _Reader(content, _reaction_lines(lines))
        reader.read()
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise TableError(path, 1, f"JSON without {error}; expected a set of processes") from error
    if not reader.tables and not reader.left_out:
        raise TableError(path, 1, "JSON without processes; expected a set of LXCat or of LoKI-B")
    references = tuple(reader.references())
    return TableFile(str(path), references, tuple(reader.tables), tuple(reader.left_out), remarks)


def _reaction_lines(lines: Sequence[str]) -> list[int]:
    """The lines at which reactions begin, one for each process."""
    return [
        line
        for line, text in enumerate(lines, start=1)
        for _ in range(len(re.findall(r'"reaction"\s*:', text)))
    ]


class _Reader:
    """One pass over the processes of a file."""

    def __init__(self, content: Json, lines: list[int]) -> None:
        self.tables: list[Table] = []
        self.left_out: list[LeftOut] = []
        self._content = content
        self._lines = lines
        self._states: dict[str, Json] = {
            name: state.get("serialized", state)
            for name, state in content.get("states", {}).items()
        }
        self._cited: list[str] = []

    def read(self) -> None:
        """All processes of all sets."""
        sets: list[Json] = self._content.get("sets") or [self._content]
        processes = [(each, process) for each in sets for process in each["processes"]]
        if len(self._lines) != len(processes):
            self._lines = [1] * len(processes)
        self._grounds = self._ground_states([process for _, process in processes])
        for line, (collection, process) in zip(self._lines, processes, strict=True):
            # The new LXCat may give several tables of one reaction; LoKI-B's are the same.
            several = process.get("info") if isinstance(process, dict) else None
            for info in several or [process]:
                self._add(line, collection, process, info)

    def references(self) -> Iterator[str]:
        """How to cite what the processes refer to, each once."""
        sources = self._content.get("references", {})
        for key in dict.fromkeys(self._cited):
            yield reference_text(sources.get(key, key))

    def _add(self, line: int, collection: Json, process: Any, info: Any) -> None:
        """One process: as a table, or as one that is left out."""
        target = ""
        label = f"process of line {line}"
        reaction = _reaction(process)
        tags = _tags(reaction)
        try:
            info = {**process, **info}
            left, right = (self._side(reaction[side]) for side in ("lhs", "rhs"))
            if not left or not any(self._is_electron(state) for _, state in left):
                raise BlockFault(line, "no electron takes part", is_needed=False)
            others = [state for _, state in self._bodies(left)]
            target = self._name(others[0])
            momentum = next((tag.lower() for tag in tags if _is_of_momentum(tag)), "")
            label = f"{target} {momentum}" if momentum else f"{target} -> {self._product(right)}"
            table = self._table(line, collection, reaction, info, (left, right))
        except BlockFault as fault:
            reason, is_needed = fault.reason, fault.is_needed
        except (AttributeError, KeyError, TypeError, IndexError, ValueError) as error:
            is_needed = True
            reason = f"not understood (at {error}); expected a reaction with a table"
        else:
            self.tables.append(table)
            self._cited += [
                key if isinstance(key, str) else key["id"]
                for key in info.get("references") or info.get("reference") or []
            ]
            return
        keyword = tags[0].upper() if tags else ""
        self.left_out.append(LeftOut(line, keyword, label, target, reason, is_needed, line))

    def _table(
        self, line: int, collection: Json, reaction: Json, info: Json, sides: tuple[Side, Side]
    ) -> Table:
        """One process."""
        left, right = sides
        kind = self._kind(line, reaction, right)
        bodies = [state for count, state in self._bodies(left) for _ in range(count)]
        target = self._name(bodies[0])
        remarks: list[Remark] = []
        reversible = bool(reaction.get("reversible")) and kind in (Kind.EXCITATION, Kind.ROTATION)
        first, weights = numbers_of(line, kind, target, info, reversible, remarks)
        unit, columns = unit_and_columns(line, info)
        if unit != 1.0:
            text = f"the cross sections are converted to m2, as the units say: {columns}"
            remarks.append(Remark(line, text))
        points = points_of(line, info, unit)
        collision = f"E + {' + '.join(map(self._name, bodies))}" if len(bodies) > 1 else ""
        notes = notes_of(info) | {
            "PROCESS": collision,
            "COLUMNS": columns if "5" in columns else "",
        }
        three_body = three_body_of(kind, target, notes, points[:, 1], unit)
        if three_body is not None:
            remarks.append(three_body.remark(line))
        momentum = kind in MOMENTUM_KINDS
        is_complete = True if collection.get("complete") else None
        return Table(
            kind=kind,
            target=target,
            product="" if momentum else self._product(right),
            threshold=0.0 if momentum else first,
            mass_ratio=first if momentum else None,
            statistical_weight_ratio=weights,
            energy=points[:, 0].copy(),
            cross_section=points[:, 1].copy(),
            line=line,
            database=str(collection.get("contributor", "")),
            keyword=_tags(reaction)[0].upper() if _tags(reaction) else "",
            transition=_transition(bodies[0], right, self._states),
            three_body=three_body,
            notes={"COMMENT": notes["COMMENT"]} if notes["COMMENT"] else {},
            complete_set=False if complete_set_of(notes) is False else is_complete,
            remarks=tuple(remarks),
        )

    # --- states ----------------------------------------------------------------------------------

    def _side(self, entries: Sequence[Json]) -> Side:
        """The states of one side of a reaction, with how many there are of each."""
        return [(int(entry.get("count", 1)), str(entry["state"])) for entry in entries]

    def _bodies(self, side: Side) -> Side:
        """The states of a side that are no electrons."""
        return [(count, state) for count, state in side if not self._is_electron(state)]

    def _is_electron(self, state: str) -> bool:
        """Whether a state is that of a free electron."""
        return self._states.get(state, {}).get("particle", state) in ("e", "e^-")

    def _ground_states(self, processes: Sequence[Any]) -> dict[str, str]:
        """The names of those states that are the only one of their kind with elastic collisions."""
        states: dict[str, set[str]] = {}
        for process in processes:
            reaction = _reaction(process)
            if any(map(_is_of_momentum, _tags(reaction))):
                # What is not understood here is left out by name afterwards.
                with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
                    for _, state in self._bodies(self._side(reaction["lhs"])):
                        states.setdefault(self._particle(state), set()).add(state)
        return {min(names): particle for particle, names in states.items() if len(names) == 1}

    def _particle(self, state: str) -> str:
        """The chemical name of a neutral state; an ion keeps its own."""
        entry = self._states.get(state, {})
        return (
            str(entry["particle"]) if entry.get("particle") and not entry.get("charge") else state
        )

    def _name(self, state: str) -> str:
        """The name of a species: without its state, if that is the ground state."""
        if state in self._grounds:
            return self._grounds[state]
        entry = self._states.get(state, {})
        return str(entry.get("summary") or entry.get("id") or state)

    def _product(self, side: Side) -> str:
        """The right side without electrons."""
        names = (
            name for count, state in self._bodies(side) for name in [self._name(state)] * count
        )
        return " + ".join(names)

    def _kind(self, line: int, reaction: Json, right: Side) -> Kind:
        """What the collision does, by the tags of the reaction and by the electrons after it."""
        tags = [tag.lower() for tag in _tags(reaction)]
        electrons = sum(count for count, state in right if self._is_electron(state))
        kind = next((kind for tag, kind in _KINDS.items() if tag in tags), None)
        if kind is None:
            raise BlockFault(line, f"tags {', '.join(tags)}; expected one of {', '.join(_KINDS)}")
        fits = {Kind.IONIZATION: electrons > 1, Kind.ATTACHMENT: electrons == 0}
        if not fits.get(kind, electrons == 1):
            raise BlockFault(line, f"{kind.value} with {electrons} electrons on the right side")
        return kind


def _reaction(process: Any) -> Json:
    """The reaction of a process; empty where there is none."""
    reaction = process.get("reaction") if isinstance(process, dict) else None
    return reaction if isinstance(reaction, dict) else {}


def _tags(reaction: Json) -> list[str]:
    """The words for the kind of a reaction."""
    tags = reaction.get("type_tags") or reaction.get("typeTags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _is_of_momentum(tag: str) -> bool:
    """Whether a word stands for collisions after which the target is what it was."""
    return _KINDS.get(tag.lower()) in MOMENTUM_KINDS


def _transition(state: str, right: Side, states: dict[str, Json]) -> Transition | None:
    """The levels of a collision from one vibrational or rotational level to another."""
    before = dict(_LEVEL.findall(state))
    after = [dict(_LEVEL.findall(name)) for _, name in right]
    for letter in ("J", "v"):
        final = [levels[letter] for levels in after if letter in levels]
        if letter in before and final and final[0] != before[letter]:
            molecule = str(states.get(state, {}).get("particle", state))
            return Transition(molecule, f"{letter}={before[letter]}", f"{letter}={final[0]}")
    return None
