"""From sums over sub-swarms to coefficients with standard errors."""
