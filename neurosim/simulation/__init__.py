"""The parts of :func:`neurosim.simulation.simulate.simulate`."""
