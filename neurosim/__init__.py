"""neurosim: neuromorphic hardware at device level, learning in place by equilibrium propagation."""

__version__ = "0.1.0"
