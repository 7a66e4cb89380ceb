"""Memory: how much a run will take, how much there is, how much this process has used."""

import re
import resource
import sys
from pathlib import Path

from swarmhydra.collisions.bounds import CELLS
from swarmhydra.config import Config, ConfigError, sub_swarm_count
from swarmhydra.kernels import contract
from swarmhydra.run.windows import LONGEST_MEMORY
from swarmhydra.swarm.moment_plan import ORDER_BINS
from swarmhydra.swarm.pass_plan import ENERGY_BINS

BYTES = 8
"""Size of a number."""

SUMS_OF_A_BIN = 2
"""Numbers that are summed for each energy bin in each interval of a waveform."""

SUMS_PER_CELL = 4
"""Numbers that are summed for each speed cell: times, cosines, and two of the departures."""

_LIMITS_OF_CONTAINERS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def needed(config: Config, moments: tuple[int, int] = (0, 0)) -> int:
    """Memory of the largest arrays of a run (byte): electrons, history, sums by speed cell.

    Parameters
    ----------
    config : Config
    moments : tuple of int, optional
        Speed cells and columns of the velocity moments for control variates.
    """
    windows = max(config.sim.memory_windows or 0, LONGEST_MEMORY)
    per_electron = contract.STATE_ROWS + 4 * (windows - 1)
    per_sub_swarm = contract.CAPACITY * per_electron + CELLS * SUMS_PER_CELL
    per_sub_swarm += moments[0] * moments[1]
    waveform = config.sim.waveform
    if config.sim.evdf.is_sampled and not waveform.is_set:
        parts = config.sim.phases if config.sim.frequency > 0.0 else 1
        columns = 2 * (config.sim.evdf.order + 1)
        # Sums for both groups of moments, and for one group also with each sub-swarm left out.
        per_sub_swarm += 2 * parts * ORDER_BINS * columns
    if waveform.is_set:
        # Sums of all passes, of the present one, and with each sub-swarm left out.
        intervals = max(waveform.bins, len(waveform.edges))
        orders = config.sim.evdf.order + 1 if config.sim.evdf.is_sampled else 0
        per_sub_swarm += 3 * intervals * (SUMS_OF_A_BIN + orders) * ENERGY_BINS
    return BYTES * sub_swarm_count(config.sim) * per_sub_swarm


def available() -> int | None:
    """Memory that this process may still take (byte); None where that cannot be known."""
    limits = [*_free_memory(), *_left_in_containers(), *_left_in_address_space()]
    return min(limits) if limits else None


def check(config: Config, moments: tuple[int, int] = (0, 0)) -> None:
    """Refuse a swarm that does not fit into the memory.

    Parameters
    ----------
    config, moments
        As for `needed`.

    Raises
    ------
    ConfigError
        With the numbers.
    """
    demand, supply = needed(config, moments), available()
    if supply is not None and demand > supply:
        raise ConfigError(
            f"sim.electrons={config.sim.electrons}: {sub_swarm_count(config.sim)} sub-swarms take "
            f"{demand / 1e9:.3g} GB of memory, and {supply / 1e9:.3g} GB are free; expected fewer "
            "electrons and sub-swarms (sim.sub_swarms)"
        )


def _free_memory() -> list[int]:
    """Memory that the system has free."""
    path = Path("/proc/meminfo")
    if not path.is_file():
        return []
    line = re.search(r"MemAvailable:\s+(\d+) kB", path.read_text())
    return [1024 * int(line[1])] if line else []


def _left_in_containers() -> list[int]:
    """Memory that the limit of a container leaves."""
    room = []
    for limit, usage in _LIMITS_OF_CONTAINERS:
        try:
            room.append(int(Path(limit).read_text()) - int(Path(usage).read_text()))
        except (OSError, ValueError):
            # No such limit, or the word max.
            continue
    return room


def _left_in_address_space() -> list[int]:
    """Memory that `ulimit -v` leaves."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return []
    path = Path("/proc/self/statm")
    usage = int(path.read_text().split()[0]) * resource.getpagesize() if path.is_file() else 0
    return [limit - usage]


def peak_memory() -> int:
    """Largest resident memory that this process has had (byte)."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not ru_maxrss: in a child process it starts from what the parent had.
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if peak:
            return int(peak[1]) * 1024
    # macOS counts in bytes, other systems in kilobytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
