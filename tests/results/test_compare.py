"""Two results side by side: differences in units of their combined errors."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from swarmhydra.results.compare import compare
from swarmhydra.results.record import NUMERICAL, Estimate
from swarmhydra.results.tree import build_tree
from tests.helpers.fake_record import PROCESSES, fake_record
from tests.helpers.fake_sweep import fake_sweep


def shifted(errors: float, stderr: float) -> xr.DataTree:
    """The result of `fake_record` with a mean energy some of its errors larger."""
    record = fake_record()
    energy = record.coefficients["mean_energy"]
    moved = Estimate(energy.value + errors * energy.stderr, stderr * energy.stderr)
    coefficients = {**record.coefficients, "mean_energy": moved}
    return build_tree(
        dataclasses.replace(
            record,
            coefficients=coefficients,
            coordinates={**record.coordinates, "method": "boltzmann"},
            error_kind=NUMERICAL,
            electron_time=None,
        )
    )


def test_a_result_does_not_differ_from_itself() -> None:
    tree = build_tree(fake_record())
    comparison = compare(tree, tree)
    assert comparison.largest == 0.0
    assert set(np.unique(comparison.data["deviation"])) == {0.0}


@pytest.mark.parametrize(("stderr", "deviation"), [(0.0, 5.0), (1.0, 5.0 / np.sqrt(2.0))])
def test_a_difference_counts_in_the_errors_of_both(stderr: float, deviation: float) -> None:
    comparison = compare(build_tree(fake_record()), shifted(5.0, stderr))
    energy = comparison.data.sel(coefficient="mean_energy")
    assert float(energy["deviation"]) == pytest.approx(deviation)
    # The error of every fake value is a thousandth of it.
    assert float(energy["relative_difference"]) == pytest.approx(5e-3, rel=3e-3)
    assert comparison.largest == pytest.approx(deviation)
    back = compare(shifted(5.0, stderr), build_tree(fake_record()))
    assert float(back.data.sel(coefficient="mean_energy")["deviation"]) == pytest.approx(-deviation)


def test_a_difference_without_any_error_has_no_unit() -> None:
    comparison = compare(shifted(0.0, 0.0), shifted(1.0, 0.0))
    energy = comparison.data.sel(coefficient="mean_energy")
    assert np.isnan(energy["deviation"])
    assert float(energy["relative_difference"]) == pytest.approx(1e-3, rel=3e-3)


def test_a_value_without_an_error_is_no_evidence() -> None:
    # As of a process that happened in no collision of a simulation.
    comparison = compare(build_tree(fake_record()), shifted(5.0, np.nan))
    assert np.isnan(comparison.data.sel(coefficient="mean_energy")["deviation"])


def test_the_table_names_what_tells_the_results_apart_and_each_process() -> None:
    comparison = compare(build_tree(fake_record()), shifted(5.0, 0.0))
    lines = str(comparison).splitlines()
    assert "method monte_carlo" in lines[0]
    assert "method boltzmann" in lines[0]
    assert lines[1].split()[0] == "mean_energy"
    assert lines[1].split()[-1] == "+5.0"
    for process in PROCESSES:
        assert any(line.startswith(f"rate_coefficient {process} ") for line in lines)


def test_processes_are_matched_by_name() -> None:
    first = build_tree(fake_record())
    second = build_tree(fake_record(processes=(PROCESSES[2], "He(19.8eV)", PROCESSES[0])))
    data = compare(first, second).data
    rates = [
        str(name) for name in data["coefficient"].values if name.startswith("rate_coefficient ")
    ]
    assert sorted(rates) == sorted(
        f"rate_coefficient {name}" for name in (PROCESSES[0], PROCESSES[2])
    )
    one = data.sel(coefficient=f"rate_coefficient {PROCESSES[2]}")
    assert float(one["first"]) == float(first["rate_coefficient"].sel(process=PROCESSES[2]))
    assert float(one["second"]) == float(second["rate_coefficient"].sel(process=PROCESSES[2]))


def test_sweeps_are_compared_point_by_point() -> None:
    first, second = (fake_sweep((10.0, 20.0, 50.0)).to_dataset() for _ in range(2))
    second["mean_energy"][1] += 3.0 * second["mean_energy_stderr"][1]
    comparison = compare(first.swap_dims(job="en"), second.swap_dims(job="en"))
    deviation = comparison.data["deviation"].sel(coefficient="mean_energy")
    np.testing.assert_allclose(deviation.sel(en=[10.0, 20.0, 50.0]), [0.0, 3.0 / np.sqrt(2.0), 0.0])
    assert "+2.1" in str(comparison)


def test_what_has_nothing_in_common_is_refused() -> None:
    sweeps = (fake_sweep((10.0, 20.0)).to_dataset(), fake_sweep((30.0, 40.0)).to_dataset())
    with pytest.raises(ValueError, match="no coefficient in common: expected two runs"):
        compare(*(sweep.swap_dims(job="en") for sweep in sweeps))
