"""Electron swarms without random numbers: the Boltzmann equation in Legendre terms.

The module `collision_model` says what a collision does, `operator` what the field and collisions
do to a function of velocity. Densities and adjoint solutions are the left and right solutions of
one and the same matrix.
"""
