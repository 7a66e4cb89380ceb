"""Where compiled kernels are stored between processes, and what happens if that goes wrong.

Stored kernels are machine code, which a process that loads them executes. So the folder belongs to
one user alone, and every file starts with a digest of the rest: what is damaged is compiled again.
"""

import functools
import hashlib
import logging
import os
import pickle
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import platformdirs
import scipy
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    UserProvidedCacheLocator,
)

log = logging.getLogger(__name__)

_DIGEST_SIZE = 16
_WEEK = 7 * 24 * 3600.0


def _sources_digest() -> str:
    """A name for the state of everything that a compiled kernel depends on.

    These are all kernel sources (numba compares the file of a function alone, and would go on using
    a kernel after a change of a helper in another file), numba, and the constants of nature, which
    scipy defines.
    """
    versions = f"numba {numba.__version__}, scipy {scipy.__version__}"
    digest = hashlib.blake2b(versions.encode(), digest_size=8)
    for path in sorted(Path(__file__).parents[2].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def private_folder() -> Path | None:
    """The folder for kernels of the present sources; None if there cannot be one."""
    try:
        root = _root()
        folder = root / f"kernels-{_sources_digest()}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_owner(folder)
    # A RuntimeError says that this user has no home.
    except (OSError, RuntimeError) as error:
        log.warning("each process compiles the kernels anew, as they cannot be stored: %s", error)
        return None
    # The time tells other versions of the sources that this folder is in use.
    with suppress(OSError):
        os.utime(folder)
    _delete_unused(root)
    return folder


def _root() -> Path:
    """The folder of the user's choice for the caches of numba, or the usual one for caches."""
    if numba.config.CACHE_DIR:
        return Path(numba.config.CACHE_DIR).absolute()
    root = platformdirs.user_cache_path("swarmhydra", appauthor=False)
    # Earlier platformdirs name a folder "~" in the working directory.
    if not root.is_absolute():
        raise RuntimeError("this user has no home folder")
    return root


def _check_owner(folder: Path) -> None:
    """Raise an error if another user could have put files into a folder."""
    if not hasattr(os, "getuid"):
        return
    status = folder.stat()
    if status.st_uid not in (os.getuid(), 0) or status.st_mode & 0o022:
        raise PermissionError(f"{folder} belongs to, or can be written by, another user")


def _delete_unused(root: Path) -> None:
    """Delete folders of other versions of the sources that no process has used for a week."""
    with suppress(OSError):
        for folder in root.glob("kernels-*"):
            if time.time() - folder.stat().st_mtime > _WEEK:
                shutil.rmtree(folder, ignore_errors=True)


CACHE_FOLDER = private_folder()
"""Where compiled kernels are stored; None if they are not."""


@functools.cache
def _warn_once(message: str) -> None:
    """Log a warning unless the same one has been logged before."""
    log.warning(message)


class _Locator(UserProvidedCacheLocator):
    """Tells numba to use `CACHE_FOLDER`, whether or not it can be written to."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        self._cache_path = str(CACHE_FOLDER / self.get_suitable_cache_subpath(py_file))

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> "_Locator":
        return cls(py_func, py_file)


class _Results(CompileResultCacheImpl):
    """How numba turns a compiled function into bytes and back."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        self._locator_classes = [_Locator]
        super().__init__(py_func)


class _CheckedFiles(IndexDataCacheFile):
    """The index and the compiled functions, each file behind a digest of its content."""

    def _load_index(self) -> dict[Any, str]:
        index = self._load_data(self._index_name)
        if index is None or index[0] != self._source_stamp:
            return {}
        overloads: dict[Any, str] = index[1]
        return overloads

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._save_data(self._index_name, (self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        path = Path(self._data_path(name))
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        digest, data = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
        if digest == _digest_of(data):
            return pickle.loads(data)
        _warn_once(f"compiling anew what is damaged among the stored kernels in {CACHE_FOLDER}")
        with suppress(OSError):
            path.unlink()
        return None

    def _save_data(self, name: str, data: Any) -> None:
        pickled = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(_digest_of(pickled))
            file.write(pickled)


def _digest_of(data: bytes) -> bytes:
    """What a file starts with."""
    return hashlib.blake2b(data, digest_size=_DIGEST_SIZE).digest()


class KernelCache(FunctionCache):
    """Stores what is compiled of a function; a run goes on if that fails."""

    _impl_class = _Results

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _CheckedFiles(self._cache_path, self._impl.filename_base, stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What is stored for arguments of some types, or None."""
        try:
            return super().load_overload(sig, target_context)
        except OSError as error:
            _warn_once(f"compiling the kernels, as stored ones cannot be read: {error}")
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store what was compiled for arguments of some types."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            reason = f"{error.strerror}: {CACHE_FOLDER}"
            _warn_once(f"the next process compiles the kernels anew, as storing fails: {reason}")


def store(compiled: Any, function: Callable[..., Any]) -> None:
    """Let numba store what it compiles of a function, before it is first compiled."""
    if CACHE_FOLDER is not None:
        # What `enable_caching` of numba does, with this cache in the place of numba's.
        compiled._cache = KernelCache(function)


def is_stored(function: Callable[..., Any]) -> bool:
    """Whether a function has been compiled on this machine before."""
    if CACHE_FOLDER is None:
        return False
    module = function.__module__.rpartition(".")[2]
    return any(CACHE_FOLDER.rglob(f"{module}.{function.__name__}-*.nbi"))
