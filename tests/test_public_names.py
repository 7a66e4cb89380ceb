"""What users import: by name, listed, and loaded only when it is used."""

import subprocess
import sys

import pytest

import swarmhydra
import swarmhydra.results

PUBLIC = {
    "__version__",
    "combine_replicas",
    "compare",
    "config",
    "export",
    "fit",
    "open_run",
    "open_sweep",
    "plot",
    "report",
    "results",
    "simulate",
}


def test_the_package_lists_what_users_call() -> None:
    assert set(dir(swarmhydra)) == PUBLIC
    for name in PUBLIC:
        assert getattr(swarmhydra, name) is not None


def test_the_results_package_lists_how_to_write_and_read_results() -> None:
    assert {"save", "open_run", "build_tree"} <= set(dir(swarmhydra.results))
    assert swarmhydra.results.save.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        swarmhydra.no_such_name  # noqa: B018


def test_subpackages_need_no_import_of_their_own() -> None:
    code = (
        "import sys, swarmhydra\n"
        "assert not {'numpy', 'xarray', 'numba', 'hydra'} & set(sys.modules)\n"
        "assert callable(swarmhydra.plot.coefficients)\n"
        "assert swarmhydra.__version__[0].isdigit()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
