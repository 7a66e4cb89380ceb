"""Pages made from the code, so that they cannot grow stale: settings, results, validation."""

import csv
import inspect
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from swarmhydra import config
from swarmhydra.config import messages
from swarmhydra.config.compose import composed
from swarmhydra.config.option_files import config_dir
from swarmhydra.results.variables import GROUP_TITLES, VARIABLES

ROOT = Path(__file__).parents[1]
VALIDATION = ROOT / "docs" / "validation.csv"
TWO_TERMS = ROOT / "docs" / "two_terms.csv"

VALIDATION_WORDS = """\
Values of `tests/reference/values.csv` (exact results, and an independent multi-term Boltzmann
solver) stand beside those of a run. The command that made these numbers is

```sh
python -m benchmarks.validation --table docs/validation.csv
```

A deviation is found − reference over the standard error of both together. The long tests of the
project (`pytest -m slow`) make the same comparison with more collisions."""

TWO_TERMS_WORDS = """\
The Boltzmann equation solved in two Legendre terms and in as many as it takes (last column), with
the same cross sections: how much the two-term value is too large, in percent. The command that
made these numbers is

```sh
python -m benchmarks.two_terms --output docs/two_terms.csv
```"""

GROUPS = {
    "": config.Config,
    "sim": config.SimConfig,
    "sim.stop": config.StopConfig,
    "sim.stop.rel_error": config.RelErrorConfig,
    "method": config.MethodConfig,
    "accel": config.AccelConfig,
    "gas": config.GasConfig,
    "gas.components.NAME": config.ComponentConfig,
    "gas.components.NAME.processes[N]": config.ProcessConfig,
    "gas.components.NAME.processes[N].angular_table": config.AngularTableConfig,
}
"""The tables of settings, and the dataclass of each."""


def write_pages(folder: Path) -> None:
    """Write every generated page into a folder."""
    folder.mkdir(exist_ok=True)
    pages = {"settings": settings(), "options": options(), "results": results()}
    pages |= {"validation": validation(), "two_terms": two_terms()}
    for name, text in pages.items():
        file = folder / f"{name}.md"
        # Sphinx reads again what is newer.
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def settings() -> str:
    """Every key with its default, what is allowed with the unit, and its meaning."""
    parts = []
    composed_by_default = composed([])
    for group, schema in GROUPS.items():
        rows = []
        described = attributes_of(schema)
        for entry in fields(schema):
            if is_dataclass(_kind(schema, entry)):
                continue
            key = _key(group, entry)
            default = _default(entry, key, composed_by_default)
            meaning = described.get(entry.name) or summary_of(schema)
            rows.append([f"`{key}`", f"`{default}`", _cell(messages.describe(key)), meaning])
        title = f"`{group}`" if group else "The run"
        parts.append(f"## {title}\n\n{summary_of(schema)}\n\n" + _table(_SETTINGS_HEAD, rows))
    return "# Settings\n\n" + "\n\n".join(parts) + "\n"


def options() -> str:
    """The option files, with the words at their top."""
    parts = []
    for folder in ("gas", "sim", "method", "accel", "experiment"):
        rows = []
        for file in sorted((config_dir() / folder).glob("*.yaml")):
            lines = file.read_text(encoding="utf-8").splitlines()
            words = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
            about = " ".join(word for word in words if not word.startswith("@"))
            citation = OmegaConf.load(file).get("citation", "")
            rows.append([f"`{folder}={file.stem}`", _cell(about), _cell(citation)])
        parts.append(f"## `{folder}`\n\n" + _table(("Option", "What it is", "Citation"), rows))
    return "# Options\n\n" + "\n\n".join(parts) + "\n"


def results() -> str:
    """Every variable of a result file with its dimensions, unit and meaning."""
    groups: dict[str, list[list[str]]] = {}
    for path, row in VARIABLES.items():
        group, _, name = path.rpartition("/")
        words = row.long_name + (f"; {row.comment}" if row.comment else "")
        dims = ", ".join(row.dims) or "–"
        groups.setdefault(group, []).append([f"`{name}`", dims, f"`{row.units}`", _cell(words)])
    parts = []
    for group, rows in groups.items():
        title = (
            f"`/{group}`: {GROUP_TITLES[group]}" if group else "`/`: conditions and coefficients"
        )
        head = ("Name", "Dimensions", "Unit", "Meaning")
        parts.append(f"## {title}\n\n" + _table(head, rows))
    return "# Variables\n\n" + "\n\n".join(parts) + "\n"


def validation() -> str:
    """The comparison that `python -m benchmarks.validation` wrote, a table for each swarm."""
    with VALIDATION.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    deviations = [abs(float(row["deviation"])) for row in rows]
    inside = sum(value <= 2.0 for value in deviations) / len(rows)
    parts = [
        "# Validation\n\n" + VALIDATION_WORDS,
        f"{len(rows)} values. Of the deviations {inside:.0%} are within two standard errors "
        f"(expected: 95 %); the largest is {max(deviations):.1f} standard errors.",
    ]
    swarms: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        swarms.setdefault((row["model"], row["en"], row["temperature"]), []).append(row)
    head = ("Quantity", "Reference", "Found", "Standard error", "Unit", "Deviation")
    for (model, en, temperature), values in swarms.items():
        table = _table(
            head,
            [
                [
                    f"`{r['quantity']}`",
                    *(r[name] for name in ("reference", "found", "stderr", "unit")),
                    f"{float(r['deviation']):+.1f}",
                ]
                for r in values
            ],
        )
        sources = dict.fromkeys(r["provenance"] for r in values)
        words = "; ".join(map(_cell, sources))
        parts.append(f"## {model}, {en} Td, {temperature} K\n\n{table}\n\n{words}")
    return "\n\n".join(parts) + "\n"


def two_terms() -> str:
    """The table that `python -m benchmarks.two_terms` wrote, a row for each swarm and field."""
    with TWO_TERMS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["quantity"] for row in rows))
    table: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        two, many = float(row["two_terms"]), float(row["converged"])
        cells = table.setdefault((row["swarm"], row["en"]), {"terms": row["terms"]})
        cells[row["quantity"]] = f"{100.0 * (two / many - 1.0):+.2g}"
    head = ["Swarm", "E/N (Td)", *(VARIABLES[name].long_name for name in names), "Terms"]
    lines = [
        [f"`{swarm}`", en, *(cells.get(name, "–") for name in names), cells["terms"]]
        for (swarm, en), cells in table.items()
    ]
    return f"# What two terms get wrong\n\n{TWO_TERMS_WORDS}\n\n{_table(head, lines)}\n"


def attributes_of(schema: type) -> dict[str, str]:
    """What the docstring of a dataclass says of each field (numpydoc, section Attributes)."""
    text = inspect.cleandoc(schema.__doc__ or "").partition("Attributes\n----------\n")[2]
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        elif line:
            for name in names:
                found[name] = f"{found.get(name, '')} {line.strip()}".strip()
    return {name: _cell(words.replace("``", "`")) for name, words in found.items()}


def summary_of(schema: type) -> str:
    """The first line of a docstring."""
    return _cell((schema.__doc__ or "").strip().splitlines()[0])


_SETTINGS_HEAD = ("Key", "Default", "Allowed", "Meaning")


def _kind(schema: type, entry: Field) -> object:
    """The type of a field, without None."""
    kind = typing.get_type_hints(schema)[entry.name]
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _key(group: str, entry: Field) -> str:
    """The dotted key of a field."""
    return f"{group}.{entry.name}".removeprefix(".")


def _default(entry: Field, key: str, by_default: DictConfig) -> str:
    """The default of a field as a user types it: of the option files, or else of the schema.

    Every gas has its own values, so that the option file of one tells nothing of another.
    """
    value = entry.default_factory() if entry.default_factory is not MISSING else entry.default
    if not key.startswith("gas."):
        value = OmegaConf.select(by_default, key)
    if value is None:
        return "null"
    if value is MISSING or value == "???":
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(getattr(value, "name", value))


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text that can stand in a cell."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def all_keys() -> Iterator[str]:
    """Every key of the tables of settings."""
    for group, schema in GROUPS.items():
        for entry in fields(schema):
            if not is_dataclass(_kind(schema, entry)):
                yield _key(group, entry)
