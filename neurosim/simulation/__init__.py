"""The parts of :func:`neurosim.simulate.simulate`."""
