"""Generated files in the format of LXCat, and every way to break one that we can think of."""

import random
from collections.abc import Callable
from dataclasses import dataclass

KINDS = ("ELASTIC", "EFFECTIVE", "EXCITATION", "ROTATION", "ROTATIONAL", "IONIZATION", "ATTACHMENT")
WORDS = {
    "ELASTIC": "Elastic",
    "EFFECTIVE": "Effective",
    "EXCITATION": "Excitation",
    "ROTATION": "Rotation",
    "ROTATIONAL": "Rotational",
    "IONIZATION": "Ionization",
    "ATTACHMENT": "Attachment",
}


@dataclass
class Block:
    """One process: its lines, and what must be read from them."""

    lines: list[str]
    keyword: str
    target: str
    product: str
    first: float | None
    weights: float | None
    points: list[tuple[float, float]]
    first_row: int
    """Of `lines`."""


@dataclass
class File:
    """A file: lines without ends, and its processes with the place of their first lines."""

    lines: list[str]
    blocks: list[tuple[int, Block]]
    line_end: str

    def data(self, lines: list[str] | None = None) -> bytes:
        return self.line_end.join(self.lines if lines is None else lines).encode()


def written(rng: random.Random, value: float) -> str:
    """A number in one of the ways in which files write it."""
    return rng.choice(["{!r}", "{:.6e}", "{:.3E}", "{:.12g}", "{:+.9e}"]).format(value)


def rows(rng: random.Random, start: float) -> tuple[list[str], list[tuple[float, float]]]:
    """A table whose energies still ascend as they are written."""
    lines, points, energy = [], [], start
    separator = rng.choice([" ", "\t", "   ", " \t"])
    for _ in range(rng.randint(1, 8)):
        sigma = rng.choice([0.0, 10.0 ** rng.uniform(-26, -18)])
        words = written(rng, energy), written(rng, sigma)
        if not points or float(words[0]) > points[-1][0]:
            points.append((float(words[0]), float(words[1])))
            margin = rng.choice(["", " ", "\t"])
            lines.append(f"{margin}{words[0]}{separator}{words[1]}{margin}")
        energy = energy * (1.0 + 10.0 ** rng.uniform(-2, 1)) + 0.01
    return lines, points


def block(rng: random.Random) -> Block:
    """A process of any kind, with all notes that LXCat itself writes."""
    keyword = rng.choice(KINDS)
    momentum = keyword in ("ELASTIC", "EFFECTIVE")
    target = rng.choice(["N2", "O2", "C2H6", "Ar", "SF6", "N2(v1)"])
    product, arrow, weights, first = "", "", None, None
    if not momentum:
        can_reverse = keyword in ("EXCITATION", "ROTATION", "ROTATIONAL")
        arrow = rng.choice(["<->", "->"]) if can_reverse else "->"
        product = rng.choice(["X(A3,v0-4)", "X^+", 'X(a"1)', "X*", "X + Y"])
    head = [keyword, f"{target} {arrow} {product}".strip()]
    parameter = ""
    if momentum:
        text = written(rng, 10.0 ** rng.uniform(-6, -3))
        parameter, first = f"m/M = {text}", float(text)
        head.append(f" {text}")
    elif keyword != "ATTACHMENT":
        text = written(rng, rng.uniform(0.01, 20.0))
        parameter, first = f"E = {text} eV", float(text)
        head.append(f" {text}")
        if arrow == "<->":
            ratio = written(rng, rng.choice([0.5, 1.0, 3.0]))
            weights = float(ratio)
            parameter += f", g1/g0 = {ratio}"
            head[-1] += f" {ratio}"
    head.append(f"SPECIES: e / {target}")
    head.append(f"PROCESS: E + {target} -> E + {product or target}, {WORDS[keyword]}")
    head.append(f"PARAM.:  {parameter}, complete set" if parameter else "PARAM.:  complete set")
    if rng.random() < 0.5:
        head += ["COMMENT: measured - in 1985", rng.choice(["and later", "", "by A.B. and C"])]
    head += ["UPDATED: 2012-04-13 18:33:48", "COLUMNS: Energy (eV) | Cross section (m2)"]
    dashes = "-" * rng.choice([5, 29, 60])
    start = rng.choice([0.0, 0.01, first or 0.0]) if momentum or not first else first
    table, points = rows(rng, start)
    lines = [*head, dashes, *table, dashes]
    return Block(lines, keyword, target, product, first, weights, points, len(head) + 1)


def file(rng: random.Random) -> File:
    """A file with a header and some processes."""
    lines = ["LXCat, www.lxcat.net", "", "RECOMMENDED REFERENCE FORMAT", "- A database", ""]
    lines += ["x" * 80, "DATABASE:         Some database", "CONTACT: é", "x" * 80, ""]
    blocks = []
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.3:
            lines += ["*" * 20 + " N2 " + "*" * 20, "", "COMMENT: free text", "of two lines", ""]
        made = block(rng)
        blocks.append((len(lines), made))
        lines += [*made.lines, ""]
    return File(lines, blocks, rng.choice(["\n", "\r\n", "\r"]))


# --- mutations: each must be refused, at the line given if there is one ------------------------

Broken = tuple[bytes, int | None]


def _some_row(rng: random.Random, whole: File) -> tuple[int, list[str]]:
    """Index of a row of a table, and its two numbers."""
    start, made = rng.choice(whole.blocks)
    index = start + made.first_row + rng.randrange(len(made.points))
    return index, whole.lines[index].split()


def _with(whole: File, index: int, *replacement: str) -> bytes:
    """The file with other lines in the place of one."""
    return whole.data([*whole.lines[:index], *replacement, *whole.lines[index + 1 :]])


def truncated(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    before = whole.line_end.join(whole.lines[:start]) + whole.line_end
    inside = whole.line_end.join(made.lines[:-1]) + whole.line_end
    # From the first letter of the keyword to the fourth of the closing dashes.
    length = rng.randint(1, len(inside) + 4)
    return (before + (inside + "-----")[:length]).encode(), None


def swapped_row(rng: random.Random, whole: File) -> Broken:
    index, (energy, sigma) = _some_row(rng, whole)
    if float(energy) == float(sigma):
        return _with(whole, index, "1e-20 1"), index + 1
    return _with(whole, index, f"{sigma}\t{energy}"), index + 1


def swapped_columns(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    lines = list(whole.lines)
    first = start + made.first_row
    for index in range(first, first + len(made.points)):
        lines[index] = "\t".join(reversed(lines[index].split()))
    if all(energy == sigma for energy, sigma in made.points):
        lines[first] = "1e-20 1"
    return whole.data(lines), None


def no_number(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    bad = ["nan", "NaN", "inf", "-inf", "1e999", "1,5", "1_0", "0x1p3", "--", "1.0.0", "\u0661", ""]
    words[rng.randrange(2)] = rng.choice(
        [*bad, "1.0D-20", "-1.0", "-1e-20", "1e", "1 e-20", "1e-20f"]
    )
    return _with(whole, index, " ".join(words)), index + 1


def another_column(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    return _with(whole, index, " ".join([*words, rng.choice(["0", "x", words[0]])])), index + 1


def repeated_row(rng: random.Random, whole: File) -> Broken:
    index, _ = _some_row(rng, whole)
    return _with(whole, index, whole.lines[index], whole.lines[index]), index + 2


def descending_rows(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    return _with(whole, index, "1e9 0", " ".join(words)), None


def interrupted_table(rng: random.Random, whole: File) -> Broken:
    index, _ = _some_row(rng, whole)
    junk = rng.choice(["", "ELASTIC", "# note", "----", "- - - - -", "COMMENT: here", "x" * 80])
    return _with(whole, index, junk, whole.lines[index]), index + 1


def no_dashes(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    where = rng.choice([made.first_row - 1, len(made.lines) - 1])
    shorter = rng.choice([(), ("----",), ("",), ("=====",), ("_____",), ("-----x",)])
    return _with(whole, start + where, *shorter), None


def no_keyword(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    word = made.keyword
    wrong = [word.lower(), word.capitalize(), word[:-1], word + "S", word[1:], "SUPERELASTIC"]
    return _with(whole, start, rng.choice([*wrong, f"{word} {word}", "", f"{word}:"])), None


def other_keyword(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    same = ("ROTATION", "ROTATIONAL")
    others = [k for k in KINDS if k != made.keyword and not (k in same and made.keyword in same)]
    return _with(whole, start, rng.choice(others)), None


def missing_line(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    first_lines = 2 if made.keyword == "ATTACHMENT" else 3
    return _with(whole, start + rng.randrange(first_lines)), None


def wrong_parameter(rng: random.Random, whole: File) -> Broken:
    found = [each for each in whole.blocks if each[1].first is not None]
    if not found:
        return no_keyword(rng, whole)
    start, made = rng.choice(found)
    assert made.first is not None
    bad = ["nan", "", "x", f"{made.first} 1 1", f"{1.1 * made.first}", "inf", f"-{made.first}"]
    bad += ["28.0"] if made.keyword in ("ELASTIC", "EFFECTIVE") else []
    bad += [f"{made.first}", f"{made.first} 0"] if made.weights else [f"{made.first} 2"]
    return _with(whole, start + 2, rng.choice(bad)), None


def wrong_unit(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    index = start + made.first_row - 2
    return _with(whole, index, "COLUMNS: Energy (eV) | Cross section (cm2)"), start + 1


def long_line(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    return _with(whole, index, " ".join(words * 12_000)), index + 1


def binary_junk(rng: random.Random, whole: File) -> Broken:
    data = whole.data()
    place = rng.randrange(len(data) + 1)
    junk = bytes(rng.choice([*range(9), *range(14, 32), 127]) for _ in range(rng.randint(1, 20)))
    return data[:place] + junk + data[place:], None


def not_utf_8(rng: random.Random, whole: File) -> Broken:
    if rng.random() < 0.2:
        return whole.data().decode().encode(rng.choice(["utf-16", "latin-1"])), None
    data = whole.data()
    place = rng.randrange(len(data) + 1)
    return data[:place] + bytes([rng.choice([0xC0, 0xFF, 0xFE])]) + data[place:], None


MUTATIONS: tuple[Callable[[random.Random, File], Broken], ...] = (
    truncated,
    swapped_row,
    swapped_columns,
    no_number,
    another_column,
    repeated_row,
    descending_rows,
    interrupted_table,
    no_dashes,
    no_keyword,
    other_keyword,
    missing_line,
    wrong_parameter,
    wrong_unit,
    long_line,
    binary_junk,
    not_utf_8,
)
