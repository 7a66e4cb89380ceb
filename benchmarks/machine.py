"""What a measurement was made on."""

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("swarmhydra", "numpy", "numba", "scipy")


def description() -> dict[str, str | int | float]:
    """Processor, cores, load and versions, as attributes of a result.

    Returns
    -------
    dict
        ``load_average`` is that of the last minute: well below 1 on a quiet machine.
    """
    return {
        "cpu": cpu_model(),
        "cores": cores(),
        "load_average": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


def cpu_model() -> str:
    """The name of the processor, as far as the system tells."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
