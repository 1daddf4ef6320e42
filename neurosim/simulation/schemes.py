"""Which schemes there are, and which of them solves the equation of a device.

``"auto"`` is ``dopri5`` for a device without noise (:mod:`neurosim.simulation.integrate` hands a stiff run to
``rodas4``), else the scheme of the calculus in which the device declares its noise.
"""

from __future__ import annotations

import importlib

from neurosim.device import DeviceModel
from neurosim.errors import ParameterError, did_you_mean

ODE_SCHEMES = ("dopri5", "rodas4", "rk4", "heun", "euler")
SDE_SCHEMES = ("heun_stratonovich", "euler_maruyama")


def choose_scheme(model: DeviceModel, scheme: str) -> str:
    """Return the scheme asked for, or the one that suits the model; raise where the two do not fit."""
    if scheme == "auto":
        if model.diffusion is None:
            return "dopri5"
        return "heun_stratonovich" if model.calculus == "stratonovich" else "euler_maruyama"
    if scheme not in ODE_SCHEMES + SDE_SCHEMES:
        raise ParameterError(f'simulate: unknown scheme "{scheme}".'
                             + did_you_mean(scheme, ("auto", *ODE_SCHEMES, *SDE_SCHEMES)))
    if scheme in SDE_SCHEMES:
        require_calculus(model, scheme)
    return scheme


def require_calculus(model: DeviceModel, scheme: str) -> None:
    """Raise a ParameterError unless a stochastic scheme solves the equation in the calculus that the device declares."""
    calculus = importlib.import_module(f"neurosim.kernels.steppers.{scheme}").CALCULUS
    model.require("diffusion")
    if model.calculus != calculus:
        fitting = [s for s in SDE_SCHEMES
                   if model.calculus == importlib.import_module(f"neurosim.kernels.steppers.{s}").CALCULUS]
        raise ParameterError(f'{model.name}: its noise is declared in the "{model.calculus}" calculus, scheme "{scheme}" '
                             f'solves "{calculus}" equations and would converge to another law. '
                             f'Use scheme="{fitting[0]}".')
