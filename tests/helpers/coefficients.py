"""The coefficients that statistical tests compare one by one."""

COEFFICIENTS = (
    "mean_energy",
    "drift_velocity_flux",
    "drift_velocity_bulk",
    "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_transverse_flux",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_bulk",
    "effective_ionization_rate_coefficient",
    "reduced_townsend_effective_sst",
)
