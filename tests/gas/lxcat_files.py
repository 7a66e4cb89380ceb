"""Generated files in the format of LXCat, in all its dialects, and ways to break them."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

WORDS = {
    "ELASTIC": "Elastic",
    "EFFECTIVE": "Effective",
    "MOMENTUM": "Effective",
    "EXCITATION": "Excitation",
    "DISSOCIATION": "Excitation",
    "VIBRATIONAL": "Vibrational",
    "ROTATION": "Rotation",
    "ROTATIONAL": "Rotational",
    "IONIZATION": "Ionization",
    "ATTACHMENT": "Attachment",
}
KINDS = {
    **{word: word for word in ("ELASTIC", "EFFECTIVE", "EXCITATION", "ROTATION")},
    **{word: word for word in ("IONIZATION", "ATTACHMENT")},
    "MOMENTUM": "EFFECTIVE",
    "DISSOCIATION": "EXCITATION",
    "VIBRATIONAL": "EXCITATION",
    "ROTATIONAL": "ROTATION",
}
MOMENTUM = ("ELASTIC", "EFFECTIVE", "MOMENTUM")
LEVELS = ("VIBRATIONAL", "ROTATION", "ROTATIONAL")


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
    """Index in `lines` of the line after the opening dashes."""


@dataclass
class File:
    """A file: lines without ends, and its processes with the place of their first lines."""

    lines: list[str]
    blocks: list[tuple[int, Block]]
    line_end: str
    encoding: str = "utf-8"

    def data(self, lines: list[str] | None = None) -> bytes:
        """The bytes of the file, or of other lines as the same file would write them."""
        text = self.line_end.join(self.lines if lines is None else lines)
        return text.encode(self.encoding)


def written(rng: random.Random, value: float, plain: bool) -> str:
    """A number in one of the ways in which files write it."""
    forms = ["{!r}", "{:.6e}", "{:.3E}", "{:.12g}", "{:+.9e}"]
    text = rng.choice(forms).format(value)
    return text if plain or rng.random() < 0.7 else re.sub("[eE]", rng.choice("dD"), text)


def exact(text: str) -> float:
    """The number that a text means, also with Fortran's exponent."""
    return float(re.sub("[dD]", "e", text))


def rows(
    rng: random.Random, start: float, unit: float, plain: bool
) -> tuple[list[str], list[tuple[float, float]]]:
    """A table whose energies still ascend as they are written; in a dialect some stand twice."""
    lines: list[str] = []
    points: list[tuple[float, float]] = []
    energy = start
    blanks = [" ", "\t", "   ", " \t"]
    separator = rng.choice(blanks if plain else [*blanks, ", ", ",", " ; ", ";"])
    for _ in range(rng.randint(1, 8)):
        sigma = rng.choice([0.0, 10.0 ** rng.uniform(-26, -18) / unit])
        words = written(rng, energy, plain), written(rng, sigma, plain)
        step = not plain and points and rng.random() < 0.15
        if step:
            words = lines[-1].replace(separator, " ").split()[0], words[1]
        if step or not points or exact(words[0]) > points[-1][0]:
            points.append((exact(words[0]), exact(words[1]) * unit))
            margin = rng.choice(["", " ", "\t"])
            lines.append(f"{margin}{words[0]}{separator}{words[1]}{margin}")
        energy = energy * (1.0 + 10.0 ** rng.uniform(-2, 1)) + 0.01
    return lines, points


def block(rng: random.Random, plain: bool = True) -> Block:
    """A process of any kind, with the notes of LXCat; unless plain, in a dialect."""
    words = [word for word in WORDS if not plain or word in KINDS.values() or word == "ROTATIONAL"]
    keyword = rng.choice(words)
    momentum = keyword in MOMENTUM
    target = rng.choice(["N2", "O2", "C2H6", "Ar", "SF6", "N2(v1)"])
    product, arrow, weights, first = "", "", None, None
    if not momentum:
        can_reverse = keyword not in ("IONIZATION", "ATTACHMENT")
        arrow = rng.choice(["<->", "->"]) if can_reverse else "->"
        product = rng.choice(["X(A3,v0-4)", "X^+", 'X(a"1)', "X*", "X + Y"])
    raw = not plain and keyword in LEVELS and rng.random() < 0.5
    third: list[str] = []
    parameter = ""
    if momentum:
        text = written(rng, 10.0 ** rng.uniform(-6, -3), plain)
        parameter, first, third = f"m/M = {exact(text)!r}", exact(text), [text]
    elif keyword != "ATTACHMENT":
        text = written(rng, rng.uniform(0.01, 20.0), plain)
        parameter, first, third = f"E = {exact(text)!r} eV", exact(text), [text]
        if arrow == "<->":
            ratio = written(rng, rng.choice([0.5, 1.0, 3.0]), plain)
            weights = exact(ratio)
            parameter += f", g1/g0 = {weights!r}"
            third.append(ratio)
    if raw and arrow == "->":
        weights = None
    head = [keyword]
    if not raw:
        head.append(reaction_line(rng, target, arrow, product, plain))
        head += third_line(rng, third, plain)
    if not plain and rng.random() < 0.2:
        head[0] = rng.choice([keyword.lower(), keyword.capitalize()])
    head.append(f"SPECIES: e / {target}")
    arrow_of_process = arrow if raw else "->"
    process = f"E + {target} {arrow_of_process} E + {product or target}"
    head.append(f"PROCESS: {process}, {WORDS[keyword]}")
    head.append(f"PARAM.:  {parameter}, complete set" if parameter else "PARAM.:  complete set")
    if rng.random() < 0.5:
        head += ["COMMENT: measured - in 1985", rng.choice(["and later", "", "by A.B. and C"])]
    head.append("UPDATED: 2012-04-13 18:33:48")
    columns, unit = "COLUMNS: Energy (eV) | Cross section (m2)", 1.0
    if not plain:
        columns, unit = rng.choice(
            [
                (columns, 1.0),
                ("COLUMNS: Energy (eV) | Cross section (m^2)", 1.0),
                ("COLUMNS: Energy (eV) | Cross section (cm2)", 1e-4),
                ("COLUMNS: Energy [eV] | Cross section [cm^2]", 1e-4),
                ("COLUMNS: Energy, eV | Cross section, cm2", 1e-4),
                ("", 1.0),
            ]
        )
    head += [columns] if columns else []
    dashes = "-" * rng.choice([5, 29, 60])
    start = rng.choice([0.0, 0.01, first or 0.0]) if momentum or not first else first
    table, points = rows(rng, start, unit, plain)
    if not plain and rng.random() < 0.3:
        inserted = rng.choice(["", "# a note", "! another", "COMMENT: here"])
        table.insert(rng.randrange(len(table) + 1), inserted)
    lines = [*head, dashes, *table, dashes]
    return Block(lines, keyword, target, product, first, weights, points, len(head) + 1)


def reaction_line(rng: random.Random, target: str, arrow: str, product: str, plain: bool) -> str:
    """The second line; in a dialect with another arrow, or with electrons on both sides."""
    if plain or not arrow:
        return f"{target} {arrow} {product}".strip()
    arrow = rng.choice({"->": ["->", "-->", "=>", "→"], "<->": ["<->", "<=>", "↔"]}[arrow])
    left, right = rng.choice(
        [
            (target, product),
            (f"e + {target}", f"e + {product}"),
            (f"{target} + e", f"{product} + e"),
        ]
    )
    return f"{left} {arrow} {right}{rng.choice(['', '   # a remark'])}"


def third_line(rng: random.Random, numbers: list[str], plain: bool) -> list[str]:
    """The third line; in a dialect with words after it, or missing."""
    if not numbers or (not plain and rng.random() < 0.15):
        return []
    text = f" {' '.join(numbers)}"
    return [text if plain else text + rng.choice(["", "", " / a remark", "   # a remark"])]


def file(rng: random.Random, plain: bool = True) -> File:
    """A file with a header and some processes; unless plain, in a mixture of dialects."""
    lines = ["LXCat, www.lxcat.net", "", "RECOMMENDED REFERENCE FORMAT", "- A database", ""]
    lines += ["x" * 80, "DATABASE:         Some database", "CONTACT: é", "x" * 80, ""]
    blocks = []
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.3:
            lines += ["*" * 20 + " N2 " + "*" * 20, "", "COMMENT: free text", "of two lines", ""]
        if not plain and rng.random() < 0.3:
            lines += ["COMMENT", "N2", "A note.", "-" * rng.randint(5, 99), ""]
        if not plain and rng.random() < 0.3:
            lines += ["My own heading", "-" * rng.randint(5, 30), ""]
        made = block(rng, plain)
        blocks.append((len(lines), made))
        lines += [*made.lines, ""]
    encoding = "utf-8" if plain else rng.choice(["utf-8", "utf-8-sig", "latin-1", "utf-16"])
    if encoding == "latin-1" and any(sign in line for line in lines for sign in "→↔"):
        encoding = "utf-8"
    return File(lines, blocks, rng.choice(["\n", "\r\n", "\r"]), encoding)


# --- mutations: a broken block is named, with the line given if there is one --------------------

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
        [*bad, "1.0q-20", "-1.0", "-1e-20", "1e", "1 e-20", "1e-20f", "1.0D", "D5", "1e-400"]
    )
    return _with(whole, index, " ".join(words)), index + 1


def another_column(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    return _with(whole, index, " ".join([*words, rng.choice(["0", "x", words[0]])])), index + 1


def descending_rows(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    return _with(whole, index, "1e9 0", " ".join(words)), None


def interrupted_table(rng: random.Random, whole: File) -> Broken:
    index, _ = _some_row(rng, whole)
    junk = rng.choice(["ELASTIC", "----", "- - - - -", "-----", "words", "x" * 80])
    return _with(whole, index, junk, whole.lines[index]), None


def no_dashes(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    where = rng.choice([made.first_row - 1, len(made.lines) - 1])
    shorter = rng.choice([(), ("----",), ("",), ("=====",), ("_____",), ("-----x",)])
    return _with(whole, start + where, *shorter), None


def no_keyword(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    word = made.keyword
    wrong = [word[:-3], word + "S", word[1:], "SUPERELASTIC", "ISOTROPIC"]
    return _with(whole, start, rng.choice([*wrong, f"{word} {word}", "", f"{word}:"])), None


def other_keyword(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    alike = (("ELASTIC", "EFFECTIVE"), ("EXCITATION", "ROTATION"))
    kind = KINDS[made.keyword]
    same = next((group for group in alike if kind in group), (kind,))
    return _with(whole, start, rng.choice(sorted({*KINDS.values()} - {*same}))), None


def wrong_parameter(rng: random.Random, whole: File) -> Broken:
    choices = [each for each in whole.blocks if each[1].first is not None]
    if not choices:
        return no_keyword(rng, whole)
    start, made = rng.choice(choices)
    bad = [f"{made.first} 1 1 1", "1e999", "1,5", "1.0.0", "8.0x"]
    bad += ["28.0", f"-{made.first}"] if made.keyword in ("ELASTIC", "EFFECTIVE") else []
    bad += [f"{made.first} 0", f"{made.first} -1"] if made.weights else []
    return _with(whole, start + 2, rng.choice(bad)), None


def wrong_unit(rng: random.Random, whole: File) -> Broken:
    start, made = rng.choice(whole.blocks)
    index = start + made.first_row - 2
    unit = rng.choice(
        ["(barn)", "(a0^2)", "(m3)", "(m5)" if made.keyword != "ATTACHMENT" else "(b)"]
    )
    if unit == "(m5)":
        unit = "(m4)"
    return _with(whole, index, f"COLUMNS: Energy (eV) | Cross section {unit}"), None


def long_line(rng: random.Random, whole: File) -> Broken:
    index, words = _some_row(rng, whole)
    return _with(whole, index, " ".join(words * 12_000)), index + 1


def binary_junk(rng: random.Random, whole: File) -> Broken:
    data = whole.data()
    place = rng.randrange(len(data))
    junk = bytes(rng.choice([*range(9), *range(14, 32), 127]) for _ in range(rng.randint(1, 20)))
    return data[:place] + junk + data[place:], None


MUTATIONS: tuple[Callable[[random.Random, File], Broken], ...] = (
    truncated,
    swapped_row,
    swapped_columns,
    no_number,
    another_column,
    descending_rows,
    interrupted_table,
    no_dashes,
    no_keyword,
    other_keyword,
    wrong_parameter,
    wrong_unit,
    long_line,
    binary_junk,
)


def edited(rng: random.Random, whole: File) -> bytes:
    """The file with some bytes or lines changed, lost, repeated or moved at random."""
    lines = list(whole.lines)
    for _ in range(rng.randint(0, 2)):
        index = rng.randrange(len(lines))
        action = rng.randrange(4)
        if action == 0:
            del lines[index]
        elif action == 1:
            lines.insert(index, rng.choice(lines))
        elif action == 2:
            other = rng.randrange(len(lines))
            lines[index], lines[other] = lines[other], lines[index]
        else:
            lines[index] = lines[index][: rng.randrange(len(lines[index]) + 1)]
        lines = lines or [""]
    data = bytearray(whole.data(lines))
    for _ in range(rng.randint(0, 4)):
        place = rng.randrange(len(data) + 1)
        pieces = [
            b"-",
            b" ",
            b"\n",
            b",",
            b".",
            b"e",
            b"1",
            b"\t",
            b"-----\n",
            b"\nELASTIC\n",
            b"#",
        ]
        piece = rng.choice([*pieces, bytes([rng.randrange(256)]), b""])
        data[place : place + rng.randrange(4)] = piece
    return bytes(data)
