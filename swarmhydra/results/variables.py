"""The one table of everything a result file may hold: names, dimensions, units, descriptions.

A key is the path of the variable in the tree: ``tree["time_series/time"]`` is described by
``VARIABLES["time_series/time"]``, a variable of the root group by its bare name. A variable
``x`` that is an estimate has a partner ``x_stderr`` of the same dimensions and units; the
partner has no row of its own.
"""

from swarmhydra.results.distribution_variables import EEDF, energy_bins, velocity_rows
from swarmhydra.results.variable import Variable, coordinate
from swarmhydra.results.waveform_variables import WAVEFORM

AXES = ("x", "y", "z")

GROUP_TITLES = {
    "eedf": "distribution of the electrons over energies and velocities",
    "time_series": "the swarm at the end of each window",
    "phase": "the swarm in the course of the period of an alternating field, trial-weighted",
    "waveform": "the swarm in the course of a field that changes, averages over electrons",
    "perf": "where the computing time went, and which libraries ran",
    "sensitivity": "logarithmic derivatives: by how many percent a coefficient changes with one "
    "percent more of something else",
    "rng": "random streams, one per sub-swarm",
    "sub_swarms": "what each sub-swarm adds to every variable that has an error",
    "jobs": "where the jobs of a sweep are, and how each went",
    "unfinished": "the jobs of a sweep that have no result",
}


_ALONG_FORCE = "along the force on the electrons, +z"
_TOWNSEND = "per electron and unit length along z: frequency / (flux drift velocity x N)"
_PER_ELECTRON = "per electron"
_LAST_BIN = "the last bin holds all that is faster"

_COORDINATES = {
    # In this order xarray titles its figures, as far as they have room.
    "gas": coordinate((), "1", "gas", dtype="str"),
    "en": coordinate(
        (),
        "Td",
        "reduced electric field E/N",
        "townsend: 1 Td = 1e-21 V m2; UDUNITS reads Td as teradays",
    ),
    "temperature": coordinate((), "K", "gas temperature"),
    "pressure": coordinate((), "Pa", "gas pressure"),
    "method": coordinate((), "1", "method that solved for the swarm", dtype="str"),
    "bn": coordinate((), "Hx", "reduced magnetic field B/N", "huxley: 1 Hx = 1e-27 T m3"),
    "eb_angle": coordinate((), "degree", "angle between electric and magnetic field"),
    "frequency": coordinate((), "Hz", "frequency of the electric field", "0 for a steady one"),
    "accel": coordinate((), "1", "acceleration asked for", dtype="str"),
    "seed": coordinate((), "1", "seed of the random streams", dtype="int64"),
    "replica": coordinate(
        (), "1", "number of the replica", "part of the key of its random streams", "int64"
    ),
    "component": coordinate(("component",), "1", "component of the gas", dtype="str"),
    "fraction": coordinate(
        ("component",), "1", "share of the component", "of all particles of the gas"
    ),
    "axis": coordinate(
        ("axis",), "1", "axis in space", "z is along the force on the electrons", "str"
    ),
    "axis2": coordinate(
        ("axis2",), "1", "second axis in space", "z is along the force on the electrons", "str"
    ),
    "process": coordinate(
        ("process",), "1", "collision process", "a repeated name gets a number", "str"
    ),
    "kind": coordinate(("process",), "1", "kind of the process", dtype="str"),
    "target": coordinate(("process",), "1", "target species", dtype="str"),
    "threshold": coordinate(
        ("process",), "eV", "energy threshold of the process", "negative where electrons gain it"
    ),
    "provenance": coordinate(("process",), "1", "where the cross section is from", dtype="str"),
    "extra_process": coordinate(
        ("extra_process",), "1", "process that does not act on the electrons", dtype="str"
    ),
    "extra_target": coordinate(("extra_process",), "1", "target species", dtype="str"),
}

_COEFFICIENTS = {
    "mean_energy": Variable((), "eV", "mean energy"),
    "drift_velocity_flux": Variable(
        (), "m s-1", "flux drift velocity", f"mean velocity of the electrons {_ALONG_FORCE}"
    ),
    "drift_velocity_bulk": Variable(
        (), "m s-1", "bulk drift velocity", f"velocity of the centre of the swarm {_ALONG_FORCE}"
    ),
    "velocity_vector_flux": Variable(("axis",), "m s-1", "flux velocity vector"),
    "velocity_vector_bulk": Variable(("axis",), "m s-1", "bulk velocity vector"),
    "reduced_mobility_flux": Variable((), "m-1 V-1 s-1", "reduced flux mobility", "mobility x N"),
    "reduced_mobility_bulk": Variable((), "m-1 V-1 s-1", "reduced bulk mobility", "mobility x N"),
    "reduced_diffusion_longitudinal_flux": Variable(
        (), "m-1 s-1", "reduced flux diffusion, longitudinal", "D_L x N"
    ),
    "reduced_diffusion_longitudinal_bulk": Variable(
        (), "m-1 s-1", "reduced bulk diffusion, longitudinal", "D_L x N"
    ),
    "reduced_diffusion_transverse_flux": Variable(
        (), "m-1 s-1", "reduced flux diffusion, transverse", "D_T x N"
    ),
    "reduced_diffusion_transverse_bulk": Variable(
        (), "m-1 s-1", "reduced bulk diffusion, transverse", "D_T x N"
    ),
    "reduced_diffusion_tensor_flux": Variable(
        ("axis", "axis2"), "m-1 s-1", "reduced flux diffusion tensor", "D x N"
    ),
    "reduced_diffusion_tensor_bulk": Variable(
        ("axis", "axis2"), "m-1 s-1", "reduced bulk diffusion tensor", "D x N"
    ),
    "characteristic_energy": Variable((), "eV", "characteristic energy", "flux D_T / mobility"),
    "reduced_energy_mobility": Variable(
        (),
        "m-1 V-1 s-1",
        "reduced energy mobility",
        "mean of energy x velocity along the force, over mean energy and field, x N (Hagelaar and "
        "Pitchford, 2005)",
    ),
    "reduced_energy_diffusion": Variable(
        (),
        "m-1 s-1",
        "reduced energy diffusion",
        "flux of energy by a gradient across the field, over both, x N (Hagelaar, Pitchford, 2005)",
    ),
    "rate_coefficient": Variable(
        ("process",),
        "m3 s-1",
        "rate coefficient",
        "collisions counted, per electron, time and density of the target",
    ),
    "rate_coefficient_convolution": Variable(
        ("process",),
        "m3 s-1",
        "rate coefficient by convolution",
        "cross section x speed, averaged over the energy distribution",
    ),
    "collision_count_ratio": Variable(("process",), "1", "collisions, counted over expected"),
    "extra_rate_coefficient": Variable(
        ("extra_process",),
        "m3 s-1",
        "rate coefficient of a process that does not act on the electrons",
        "cross section x speed, averaged over the energy distribution",
    ),
    "effective_ionization_rate_coefficient": Variable(
        (),
        "m3 s-1",
        "effective ionization rate coefficient",
        "growth rate of the electron number / N: ionization minus attachment",
    ),
    "reduced_townsend_ionization": Variable((), "m2", "reduced Townsend, ionization", _TOWNSEND),
    "reduced_townsend_attachment": Variable((), "m2", "reduced Townsend, attachment", _TOWNSEND),
    "reduced_townsend_effective": Variable((), "m2", "reduced Townsend, effective", _TOWNSEND),
    "reduced_townsend_effective_sst": Variable(
        (),
        "m2",
        "reduced Townsend, effective, SST",
        "steady-state Townsend: growth of a steady stream along z, over N; the a at which the sum "
        "of exp(-a z) over the swarm is constant",
    ),
    "power_gain": Variable((), "eV s-1", "power gained from the field", _PER_ELECTRON),
    "power_loss": Variable(("process",), "eV s-1", "power lost in collisions", _PER_ELECTRON),
    "power_growth": Variable(
        (),
        "eV s-1",
        "power spent on growth",
        f"{_PER_ELECTRON}; bringing the added electrons to the mean energy",
    ),
    "power_balance_residual": Variable(
        (),
        "eV s-1",
        "residual of the power balance",
        f"{_PER_ELECTRON}; zero within its error in a steady swarm",
    ),
}

_FIELD_AXES = {
    "E": "along the electric force, -E",
    "ExB": "along E x B",
    "B": "along the magnetic field",
}
_COEFFICIENTS |= {
    f"drift_velocity_along_{axis}_{kind}": Variable((), "m s-1", f"{kind} drift velocity {words}")
    for kind in ("flux", "bulk")
    for axis, words in _FIELD_AXES.items()
}
_COEFFICIENTS |= {
    f"reduced_diffusion_along_{axis}_{kind}": Variable(
        (), "m-1 s-1", f"reduced {kind} diffusion {words}", "D x N"
    )
    for kind in ("flux", "bulk")
    for axis, words in _FIELD_AXES.items()
}

_PHASE = {
    **energy_bins("phase", _LAST_BIN),
    "phase/part": coordinate(("part",), "1", "number of the part of the period", dtype="int64"),
    "phase/phase": coordinate(
        ("part",), "radian", "phase of the field", "the field goes with its cosine"
    ),
    "phase/mean_energy": Variable(("part",), "eV", "mean energy"),
    "phase/velocity_vector": Variable(("part", "axis"), "m s-1", "flux velocity vector"),
    "phase/drift_velocity": Variable(("part",), "m s-1", "flux drift velocity"),
    "phase/power_gain": Variable(("part",), "eV s-1", "power gained from the field", _PER_ELECTRON),
    "phase/electrons": Variable(("part",), "1", "electrons over their mean in the period"),
    "phase/rate_coefficient": Variable(
        ("part", "process"), "m3 s-1", "rate coefficient", "collisions counted"
    ),
    **velocity_rows("phase", "part"),
}

_TIME_SERIES = {
    "time_series/sample": coordinate(("sample",), "1", "number of the sample", dtype="int64"),
    "time_series/time": coordinate(("sample",), "s", "simulated time"),
    "time_series/phase": Variable(
        ("sample",), "1", "phase of the run", "0 relaxation, 1 measurement", "int64"
    ),
    "time_series/mean_energy": Variable(("sample",), "eV", "mean energy"),
    "time_series/drift_velocity": Variable(
        ("sample",), "m s-1", "drift velocity", f"mean velocity {_ALONG_FORCE}"
    ),
    "time_series/ln_number": Variable(
        ("sample",),
        "1",
        "logarithm of the growth of the electron number",
        "since time 0, population control undone",
    ),
    "time_series/centroid_z": Variable(
        ("sample",), "m", "mean displacement along z", "over the remembered windows"
    ),
    "time_series/variance_z": Variable(
        ("sample",), "m2", "variance of the displacements along z", "over the remembered windows"
    ),
    "time_series/variance_t": Variable(
        ("sample",), "m2", "variance of the displacements across z", "mean of x and y"
    ),
    "time_series/trials": Variable(("sample",), "1", "trial collisions so far", dtype="int64"),
    "time_series/real_collisions": Variable(
        ("sample",), "1", "real collisions so far", dtype="int64"
    ),
    "time_series/electrons": Variable(("sample",), "1", "electrons simulated", dtype="int64"),
}

_PERF = {
    "perf/stage": coordinate(("stage",), "1", "stage of a step, or of a solution", dtype="str"),
    "perf/seconds": Variable(("stage",), "s", "time spent in the stage", "summed over threads"),
    "perf/share": Variable(("stage",), "1", "share of the time spent in all stages"),
    "perf/calls": Variable(
        ("stage",),
        "1",
        "calls of the stage",
        "for a batch of sub-swarms with numpy, for each one with jit",
        "int64",
    ),
    "perf/events": Variable(("stage",), "1", "electrons the stage worked on", dtype="int64"),
    "perf/ns_per_event": Variable(("stage",), "ns", "time per electron worked on"),
    "perf/trials": Variable((), "1", "trial collisions", dtype="int64"),
    "perf/real_collisions": Variable((), "1", "real collisions", dtype="int64"),
    "perf/null_share": Variable((), "1", "share of the trials that were null collisions"),
    "perf/horizon_share": Variable(
        (),
        "1",
        "share of the flights that ended at a horizon",
        "a horizon is the end of a window, or where the collision bound of a flight stops holding",
    ),
    "perf/majorant_violations": Variable(
        (),
        "1",
        "trials with a collision frequency above its bound",
        "anything but 0 makes the result doubtful",
        "int64",
    ),
    "perf/threads": Variable((), "1", "threads used", dtype="int64"),
    "perf/compile_seconds": Variable((), "s", "time spent compiling"),
    "perf/wall_seconds": Variable((), "s", "elapsed time"),
    "perf/cpu_seconds": Variable((), "s", "processor time, all threads"),
    "perf/peak_rss": Variable((), "byte", "largest resident memory", dtype="int64"),
}

_SENSITIVITY = {
    "sensitivity/coefficient": coordinate(
        ("coefficient",), "1", "coefficient that is differentiated", dtype="str"
    ),
    "sensitivity/species": coordinate(("species",), "1", "species of the gas", dtype="str"),
    "sensitivity/bin": coordinate(("bin",), "1", "number of the energy interval", dtype="int64"),
    "sensitivity/edge": coordinate(
        ("edge",), "1", "number of the edge", "bin i lies between edges i and i + 1", "int64"
    ),
    "sensitivity/energy": coordinate(("bin",), "eV", "energy of the colliding electron"),
    "sensitivity/energy_edges": coordinate(("edge",), "eV", "energy at the edges"),
    "sensitivity/log_derivative": Variable(
        ("coefficient", "process"),
        "1",
        "logarithmic derivative with respect to a cross section",
        "d ln q / d ln sigma, the same factor at all energies, all others held",
    ),
    "sensitivity/log_derivative_density": Variable(
        ("coefficient", "process", "bin"),
        "1",
        "its density over the natural logarithm of the energy",
        "its sum over the bins, times their widths in ln(energy), is log_derivative",
    ),
    "sensitivity/log_derivative_field": Variable(
        ("coefficient",), "1", "logarithmic derivative with respect to E/N"
    ),
    "sensitivity/log_derivative_temperature": Variable(
        ("coefficient",),
        "1",
        "logarithmic derivative with respect to the gas temperature",
        "at the same density of the gas; populations of levels change with it",
    ),
    "sensitivity/log_derivative_fraction": Variable(
        ("coefficient", "species"),
        "1",
        "logarithmic derivative with respect to the share of a species",
        "at the cost of all other species alike",
    ),
    "sensitivity/error_from_cross_section": Variable(
        ("coefficient", "process"),
        "1",
        "relative standard error by the uncertainty of a cross section",
        "that of a superelastic process is part of its excitation's",
    ),
}

_RNG = {
    "rng/spawn_keys": Variable(
        ("stream", "key_word"),
        "1",
        "spawn key of the stream",
        "the seed sequence of each of its generators has this key and then the lane",
        "uint64",
    ),
    "rng/initial_state": Variable(
        ("stream", "word", "lane"), "1", "states of the generators at the start", dtype="uint64"
    ),
    "rng/final_state": Variable(
        ("stream", "word", "lane"), "1", "states of the generators at the end", dtype="uint64"
    ),
}

_SUB_SWARMS = {
    "sub_swarms/entry": coordinate(
        ("entry",),
        "1",
        "variable that the pseudo-values belong to",
        "as many entries as the variable has elements, in its order",
        "str",
    ),
    "sub_swarms/pseudo_value": Variable(
        ("sub_swarm", "entry"),
        "1",
        "what each sub-swarm adds to a variable",
        "in the unit of the variable; the mean over sub-swarms is its value, less a bias that goes "
        "as one over their number, and the spread gives its standard error and, between two "
        "variables, their covariance",
    ),
    "sub_swarms/electron_time": Variable(
        ("sub_swarm",), "s", "time of the measurement, summed over electrons, in equal parts"
    ),
}

VARIABLES: dict[str, Variable] = (
    _COORDINATES
    | _COEFFICIENTS
    | _PHASE
    | WAVEFORM
    | EEDF
    | _TIME_SERIES
    | _PERF
    | _SENSITIVITY
    | _RNG
    | _SUB_SWARMS
)
