"""Compiled kernels on plain arrays: random numbers, elementary functions, steppers, circuit and programming loops."""
