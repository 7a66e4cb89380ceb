"""How kernels are compiled and where the results are kept: the one place for the options."""

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

from swarmhydra.kernels.quantities import HALF_MASS

Function = TypeVar("Function", bound=Callable[..., Any])

# "numpy": a division by zero gives inf; only so do loops that divide vectorise.
_ERROR_MODEL = "numpy"
_OPTIONS: dict[str, Any] = {
    "error_model": _ERROR_MODEL,
    "nogil": True,
    "no_cfunc_wrapper": True,
}


def _sources_digest() -> str:
    """A name for the state of all kernel sources, and of the constant of nature among them.

    Numba looks at the file of a function alone, and would go on using a kernel whose helper in
    another file has changed.
    """
    digest = hashlib.blake2b(repr(HALF_MASS).encode(), digest_size=8)
    for path in sorted(Path(__file__).parents[2].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _cache_folder() -> Path:
    """A folder for compiled kernels that can be written to, of these sources only."""
    try:
        folder = _chosen_folder() / f"kernels-{_sources_digest()}"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    # A RuntimeError says that this user has no home.
    except (OSError, RuntimeError):
        return _folder_of_this_process()


def _chosen_folder() -> Path:
    """Where compiled kernels are kept if nothing is in the way."""
    if numba.config.CACHE_DIR:
        return Path(numba.config.CACHE_DIR)
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "swarmhydra"


def _folder_of_this_process() -> Path:
    """A folder that goes with this process: nobody else can have put anything there."""
    folder, maker = Path(tempfile.mkdtemp(prefix="swarmhydra-")), os.getpid()

    def remove() -> None:
        # A process forked from this one ends without it.
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


CACHE_FOLDER = _cache_folder()
"""Where the compiled kernels are kept."""


@contextmanager
def _kept() -> Iterator[None]:
    """What is decorated meanwhile has its cache in `CACHE_FOLDER`."""
    before = numba.config.CACHE_DIR
    # Read when a function is decorated, and by that function alone.
    numba.config.CACHE_DIR = str(CACHE_FOLDER)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _njit(cache: bool = False, **options: Any) -> Callable[[Function], Function]:
    """`numba.njit`, with its cache in `CACHE_FOLDER`.

    What only other kernels call is kept as a part of them, and not once more by itself.
    """

    def compile_later(function: Function) -> Function:
        with _kept():
            return numba.njit(cache=cache, **_OPTIONS, **options)(function)

    return compile_later


# The way in from Python unpacks tuples of arrays; it takes a fifth of the time to compile.
compiled = _njit(no_cpython_wrapper=True)
"""For a kernel, or a helper of one, that only kernels call: a call from Python would crash."""

# A call passes some hundred numbers, as every array of a tuple is several.
compiled_inline = _njit(no_cpython_wrapper=True, forceinline=True)
"""For a helper that the compiler puts into the kernels that call it."""

compiled_part = _njit(no_cpython_wrapper=True, inline="always")
"""For one that numba puts into its only caller, before either is compiled."""

compiled_entry = _njit(cache=True, forceinline=True)
"""For one that Python calls too."""

# Sums in any order: only so do loops that add up vectorise. Still the same on every run.
compiled_sum = _njit(forceinline=True, fastmath={"reassoc", "nsz"})
"""For a kernel that adds up over electrons."""

compiled_parallel = _njit(cache=True, parallel=True)
"""For the loop over workers."""


def is_kept(function: Callable[..., None]) -> bool:
    """Whether a function has been compiled on this machine before."""
    module = function.__module__.rpartition(".")[2]
    return any(CACHE_FOLDER.rglob(f"{module}.{function.__name__}-*.nbi"))


def address_of(
    function: Callable[..., None], arguments: tuple[Any, ...], packed: bool = False
) -> Any:
    """Where a function compiled for arguments of these types is, for a kernel to call it there.

    What a kernel calls by name it contains; this is compiled once for all. A function of `packed`
    arguments gets a pointer to a tuple of them. Where nothing is compiled it is the function
    itself.
    """
    if numba.config.DISABLE_JIT:
        return function
    together = numba.typeof(arguments)
    kinds = (numba.types.CPointer(together),) if packed else together.types
    return _compiled_once(function, numba.types.void(*kinds)).address


# It also keeps them: an address alone does not.
@cache
def _compiled_once(function: Callable[..., None], signature: Any) -> Any:
    """A function compiled for arguments of some types, the first time that it is asked for."""
    with _kept():
        return numba.cfunc(signature, cache=True, error_model=_ERROR_MODEL)(function)
