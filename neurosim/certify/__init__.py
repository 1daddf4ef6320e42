"""Energy certificates: whether coupled neurons follow the energy they declare, and learning by it finds the gradient."""

from neurosim.certify.certificate import Certificate, Verdict, certify
from neurosim.certify.networks import Setup

__all__ = ["Certificate", "Setup", "Verdict", "certify"]
