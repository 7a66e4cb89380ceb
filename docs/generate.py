"""Pages made from the code, so that they cannot grow stale: settings, results, validation."""

import csv
import re
from pathlib import Path

from omegaconf import OmegaConf

from swarmhydra.config import messages
from swarmhydra.config.compose import composed
from swarmhydra.config.option_files import config_dir, words_of
from swarmhydra.config.settings import GROUPS, all_settings, summary
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
    rows: dict[str, list[list[str]]] = {group: [] for group in GROUPS}
    for each in all_settings():
        key, default = f"`{each.key}`", f"`{each.default(composed_by_default)}`"
        allowed = _cell(messages.describe(each.key))
        rows[each.group].append([key, _cell(each.meaning), default, allowed])
    for group, schema in GROUPS.items():
        title = f"`{group}`" if group else "The run"
        table = _table(_SETTINGS_HEAD, rows[group])
        parts.append(f"## {title}\n\n{_cell(summary(schema))}\n\n{table}")
    return "# Settings\n\n" + "\n\n".join(parts) + "\n"


def options() -> str:
    """The option files, with the words at their top."""
    parts = []
    for folder in ("gas", "sim", "method", "accel", "experiment"):
        rows = []
        for file in sorted((config_dir() / folder).glob("*.yaml")):
            citation = OmegaConf.load(file).get("citation", "")
            about = words_of(folder, file.stem)
            rows.append([f"`{folder}={file.stem}`", _cell(about), _cell(citation)])
        head = ["Option", "What it is", "Citation"]
        if not any(citation for *_, citation in rows):
            head, rows = head[:2], [row[:2] for row in rows]
        parts.append(f"## `{folder}`\n\n" + _table(tuple(head), rows))
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


_SETTINGS_HEAD = ("Key", "Meaning", "Default", "Allowed")


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text that can stand in a cell."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()
