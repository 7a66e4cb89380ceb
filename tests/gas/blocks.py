"""Blocks of the format of LXCat that several tests break or put together."""

from swarmhydra.gas import files
from swarmhydra.gas.tables import TableFile

ROWS = "-----\n 0.5\t0\n 10\t2e-21\n-----\n\n"
ELASTIC = "ELASTIC\nX\n 2e-5\n-----\n 0\t1e-19\n 100\t5e-20\n-----\n\n"
IONIZATION = "IONIZATION\nX -> X+\n 12\n-----\n 12\t0\n 100\t2e-20\n-----\n\n"


def parse(content: str) -> TableFile:
    return files.parse(content.encode(), "some.txt")
