"""Environments of their own for programs that swarmhydra is compared with."""

import os
import subprocess
from pathlib import Path

from benchmarks import report


def environment(python: str, requirements: tuple[str, ...]) -> Path:
    """The interpreter of an environment, which is made from PyPI when there is none yet.

    Parameters
    ----------
    python : str
        Interpreter that makes it.
    requirements : tuple of str
        What is installed, the program itself with its version first.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "swarmhydra-benchmarks" / requirements[0].replace("==", "-")
    interpreter, complete = folder / "bin" / "python", folder / "complete"
    if complete.exists():
        return interpreter
    report.say(f"installing {', '.join(requirements)} into {folder}")
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    subprocess.run([interpreter, "-m", "pip", "install", "--quiet", *requirements], check=True)
    complete.touch()
    return interpreter
