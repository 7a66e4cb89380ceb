"""How much memory this process has used."""

import re
import resource
import sys
from pathlib import Path


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
