"""Electron swarms without random numbers: the Boltzmann equation in Legendre terms.

The module `collision_model` says what a collision does, `operator` what the field and collisions
do to a function of velocity. Densities and adjoint solutions are the left and right solutions of
one and the same matrix.

The thermal motion of the gas is in three places: quadrature over the targets' velocities
(`collision_model`), and, for elastic collisions with heavy targets, their recoil at rest
(`operator._cooling`) together with the heating by them (`Sampling.warm_density` of `discrete`).

Sensitivities, from above: `sensitivity` makes logarithmic derivatives of coefficients from those of
the means; `changes` says how B changes with a cross section, the field or the gas; `responses` how
each mean responds to a change of B.
"""
