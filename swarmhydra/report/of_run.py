"""The page of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator

import xarray as xr

from swarmhydra.report import images
from swarmhydra.report.cells import UNKNOWN, value_error_units, with_error
from swarmhydra.report.content import Folded, Page, Section, Table, Text
from swarmhydra.results.conditions import condition_words, conditions_of, shown
from swarmhydra.results.summary import by_cross_sections, error_words
from swarmhydra.results.variables import VARIABLES

COURSE = {
    "stop_reason": ("stopped by", ""),
    "relaxation_time": ("relaxation time", " s"),
    "window": ("window", " s"),
    "passes": ("passes through the waveform", ""),
    "duration_of_pass": ("duration of a pass", " s"),
    "backend_ran": ("backend", ""),
    "legendre_terms": ("Legendre terms", ""),
    "grid_cells": ("cells of the grid", ""),
    "grid_top": ("top of the grid", " eV"),
}
"""Attributes that say how a run went, with their words and units."""

STAGE_HEAD = ("stage", "seconds", "share", "events", "ns per event")


def page_of_run(run: xr.DataTree) -> Page:
    """What the page of a run holds."""
    coefficients = Table(("", "value", "± error", "unit", ""), list(_coefficients(run)))
    process_head = ["process", "kind", "target", "threshold (eV)", "rate coefficient (m³ s⁻¹)"]
    process_head += ["by convolution (m³ s⁻¹)", "power lost (eV s⁻¹)"]
    return Page(
        title="Electron swarm",
        conditions=condition_words(conditions_of(run)),
        warnings=warnings_of(run),
        sections=[
            Section(
                "Coefficients",
                [coefficients, Text(f"Errors: {error_words(run.attrs)}.")],
            ),
            Section("Processes", [Table(process_head, list(_processes(run)))]),
            *_vectors(run),
            *_in_time(run),
            Section("Figures", [images.of_run(run)]),
            Section(
                "The computation",
                [Table(("", ""), _course(run)), Table(STAGE_HEAD, list(_stages(run)))],
            ),
            Section(
                "Provenance",
                [
                    Table(("", ""), _provenance(run)),
                    Folded("Configuration", str(run.attrs.get("config", ""))),
                ],
            ),
        ],
    )


def warnings_of(run: xr.DataTree) -> list[str]:
    """What makes the result of a run doubtful."""
    texts = str(run.attrs.get("warnings", "")).splitlines()
    if run.attrs.get("relaxed", 1) == 0 and not any("relax" in text for text in texts):
        texts.append("The swarm did not relax before it was measured.")
    backend, substitute = run.attrs.get("backend_asked"), run.attrs.get("backend_ran")
    if backend != substitute:
        texts.append(f"accel asked for {backend}; {substitute} ran.")
    return texts


def _coefficients(run: xr.DataTree) -> Iterator[list[str]]:
    """A row for each scalar coefficient."""
    for name, row in VARIABLES.items():
        if "/" in name or row.coordinate or row.dims or name not in run.data_vars:
            continue
        value, error, units = value_error_units(run, name)
        remark = "; ".join(filter(None, (by_cross_sections(run, name, {}), row.comment)))
        if value == UNKNOWN:
            remark = str(run[name].attrs.get("why_unset", "not measured"))
        yield [row.long_name, value, error, units, remark]


def _processes(run: xr.DataTree) -> Iterator[list[str]]:
    """A row for each process."""
    root = run.to_dataset()
    for index, name in enumerate(root["process"].values):
        one = root.isel(process=index)
        yield [
            str(name),
            str(one["kind"].item()).lower(),
            str(one["target"].item()),
            shown(one["threshold"].item()),
            with_error(one, "rate_coefficient"),
            with_error(one, "rate_coefficient_convolution"),
            with_error(one, "power_loss"),
        ]


def _vectors(run: xr.DataTree) -> Iterator[Section]:
    """Velocity and diffusion in all directions, which differ in a magnetic field."""
    if "bn" not in run.coords or float(run["bn"]) == 0.0:
        return
    root = run.to_dataset()
    axes = [str(axis) for axis in root["axis"].values]
    tables = []
    for kind in ("flux", "bulk"):
        rows = [
            [
                axis,
                with_error(root.isel(axis=i), f"velocity_vector_{kind}"),
                *(
                    with_error(root.isel(axis=i, axis2=j), f"reduced_diffusion_tensor_{kind}")
                    for j in range(len(axes))
                ),
            ]
            for i, axis in enumerate(axes)
        ]
        head = [kind, "velocity (m s⁻¹)", *(f"N D to {axis} (m⁻¹ s⁻¹)" for axis in axes)]
        tables.append(Table(head, rows))
    yield Section("In a magnetic field", tables)


def _in_time(run: xr.DataTree) -> Iterator[Section]:
    """What changes in the course of a waveform: extremes and figures."""
    if "waveform" not in run.children:
        return
    group = run.children["waveform"].to_dataset()
    rows = []
    for name in ("en", "mean_energy", "drift_velocity", "ln_number"):
        values, row = group[name], VARIABLES[f"waveform/{name}"]
        cells = []
        for place in (int(values.values.argmin()), int(values.values.argmax())):
            one = group.isel(time=place)
            error = f" ± {float(one[f'{name}_stderr']):.2g}" if f"{name}_stderr" in group else ""
            cells += [f"{float(one[name]):.5g}{error}", f"{float(one['time']):.4g}"]
        rows.append([row.long_name, *cells, "" if row.units == "1" else row.units])
    head = ("", "lowest", "at (s)", "highest", "at (s)", "unit")
    words = "The values above are averages over the time of a pass."
    yield Section(
        "In the course of time", [Text(words), Table(head, rows), images.of_waveform(run)]
    )


def _course(run: xr.DataTree) -> list[list[str]]:
    """How the run went, as far as its method says so."""
    perf = run.children["perf"].to_dataset(inherit=False)
    rows = [
        [words, f"{run.attrs[name]:.4g}{unit}" if unit else str(run.attrs[name])]
        for name, (words, unit) in COURSE.items()
        if name in run.attrs
    ]
    for name in ("trials", "real_collisions", "null_share", "wall_seconds", "cpu_seconds"):
        if name in perf:
            row = VARIABLES[f"perf/{name}"]
            units = "" if row.units == "1" else f" {row.units}"
            rows.append([row.long_name, f"{float(perf[name]):.4g}{units}"])
    memory = VARIABLES["perf/peak_rss"].long_name
    return [*rows, [memory, f"{float(perf['peak_rss']) / 1e6:.0f} MB"]]


def _stages(run: xr.DataTree) -> Iterator[list[str]]:
    """The performance breakdown."""
    perf = run.children["perf"].to_dataset(inherit=False)
    for index, stage in enumerate(perf["stage"].values):
        one = perf.isel(stage=index)
        share, seconds = float(one["share"]), float(one["seconds"])
        is_timed = not math.isnan(seconds)
        yield [
            str(stage),
            f"{seconds:.3g}" if is_timed else "not timed",
            f"{share:.1%}" if is_timed else "",
            f"{float(one['events']):.4g}" if "events" in one else "",
            f"{float(one['ns_per_event']):.3g}" if is_timed and "ns_per_event" in one else "",
        ]


def _gas(run: xr.DataTree) -> str:
    """The name that the gas was given, and its components."""
    name, words = str(run["gas"].item()), str(conditions_of(run)["gas"])
    if name == words and run.sizes.get("component", 0) == 1:
        words = str(run["component"].item())
    return f"{name}: {words}" if words != name else name


def _provenance(run: xr.DataTree) -> list[list[str]]:
    """Where the numbers come from."""
    perf = run.children["perf"].attrs
    rng = run.children["rng"].attrs if "rng" in run.children else {}
    generator = f"{rng.get('bit_generator', '?')}, entropy {rng.get('entropy', '?')}"
    versions = (
        f"{name.removesuffix('_version')} {version}"
        for name, version in ((str(name), version) for name, version in perf.items())
        if name.endswith("_version")
    )
    return [
        ["Gas", _gas(run)],
        ["Cross sections", str(run.attrs.get("references", ""))],
        ["History", str(run.attrs.get("history", ""))],
        ["Random numbers", generator if rng else "none"],
        ["Versions", ", ".join(versions)],
    ]
