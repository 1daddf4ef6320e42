"""Energy certificates: whether coupled neurons follow the energy they declare, and learning by it finds the gradient."""

from neurosim.certify.certificate import Certificate, certify
from neurosim.certify.networks import Setup
from neurosim.certify.verdicts import Verdict

__all__ = ["Certificate", "Setup", "Verdict", "certify"]
