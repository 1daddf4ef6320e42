"""Memristive devices: two terminals and a conductance that voltage moves. One model a file."""
