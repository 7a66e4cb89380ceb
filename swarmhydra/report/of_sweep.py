"""The page of a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from swarmhydra.job_folder.status import FINISHED
from swarmhydra.report import images
from swarmhydra.report.cells import titled, with_error
from swarmhydra.report.content import Folded, Page, Section, Table
from swarmhydra.results.conditions import condition_words, conditions_of, shown
from swarmhydra.results.mixtures import with_mixture
from swarmhydra.results.sweep_table import swept_settings

COLUMNS = (
    "mean_energy",
    "drift_velocity_flux",
    "drift_velocity_bulk",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_bulk",
    "effective_ionization_rate_coefficient",
)
"""Coefficients in the table of the jobs."""


def page_of_sweep(sweep: xr.DataTree) -> Page:
    """What the page of a sweep holds."""
    root, jobs = sweep.to_dataset(), sweep.children["jobs"].to_dataset(inherit=False)
    provenance = [["Cross sections", text] for text in _distinct(jobs, "references")]
    provenance += [["Made by", str(sweep.attrs.get("source", ""))]]
    provenance += [["First job", text] for text in _distinct(jobs, "history")[:1]]
    first_config = (_distinct(jobs, "config") or [""])[0]
    return Page(
        title="Electron swarms: a sweep",
        conditions=[f"{root.sizes['job']} jobs", *condition_words(conditions_of(sweep))],
        warnings=list(_warnings(sweep)),
        sections=[
            Section("Figures", [images.of_sweep(sweep)]),
            Section("Jobs", [_table_of_jobs(sweep)]),
            Section(
                "Provenance",
                [
                    Table(("", ""), provenance),
                    Folded("Configuration of the first job", first_config),
                ],
            ),
        ],
    )


def _table_of_jobs(sweep: xr.DataTree) -> Table:
    """A row for each job: the swept settings and the main coefficients."""
    root = with_mixture(sweep.to_dataset())
    settings = swept_settings(root, sweep)
    columns = [name for name in COLUMNS if name in root]
    rows = []
    for index, job in enumerate(root["job"].values):
        one = root.isel(job=index)
        cells = [str(job), *(shown(one[name].item()) for name in settings)]
        rows.append([*cells, *(with_error(one, name) for name in columns)])
    head = ["job", *(titled(name) for name in settings), *(titled(name) for name in columns)]
    return Table(head, rows, many=True)


def _warnings(sweep: xr.DataTree) -> Iterator[str]:
    """The jobs without a result, and the warnings of the others."""
    if "unfinished" in sweep.children:
        entries = sweep.children["unfinished"].to_dataset(inherit=False)
        for index in range(entries.sizes.get("unfinished_job", 0)):
            job = entries.isel(unfinished_job=index)
            words = [str(job[name].item()) for name in ("status", "reason", "overrides")]
            yield f"Job {job['name'].item()}: {', '.join(filter(None, words))}"
    jobs = sweep.children["jobs"].to_dataset(inherit=False)
    for index, name in enumerate(sweep.to_dataset()["job"].values):
        job = jobs.isel(job=index)
        if "warnings" in job:
            yield from (f"Job {name}: {text}" for text in str(job["warnings"].item()).splitlines())
        if "status" in job and str(job["status"].item()) != FINISHED:
            yield f"Job {name}: {job['status'].item()}"


def _distinct(jobs: xr.Dataset, name: str) -> list[str]:
    """The texts of the jobs, each once."""
    values: Any = np.ravel(jobs[name].values) if name in jobs else []
    return list(dict.fromkeys(str(value) for value in values))
