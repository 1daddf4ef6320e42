"""Typed lists of function pointers: how compiled devices and systems are handed to the compiled engine.

``List.append`` from Python costs 0.3 s for each new type and a tuple of functions recompiles for each length;
these explicitly signed, cached makers cost milliseconds in a new process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numba import typed

from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import (
    ACTIVATION_POINTER,
    ACTIVATIONS,
    ADVANCE_POINTER,
    ADVANCES,
    CHARGE_POINTER,
    CHARGES,
    CONDUCTANCE_POINTER,
    CONDUCTANCES,
    DIFFUSION_POINTER,
    DIFFUSIONS,
    OUTPUT_POINTER,
    OUTPUTS,
    RATE_POINTER,
    RATES,
    RHS_POINTER,
    SYSTEMS,
    void,
)


@kernel(RATES())
def _empty_rate():
    return typed.List.empty_list(RATE_POINTER)


@kernel(void(RATES, RATE_POINTER))
def _put_rate(table, function):
    table.append(function)


@kernel(OUTPUTS())
def _empty_output():
    return typed.List.empty_list(OUTPUT_POINTER)


@kernel(void(OUTPUTS, OUTPUT_POINTER))
def _put_output(table, function):
    table.append(function)


@kernel(DIFFUSIONS())
def _empty_diffusion():
    return typed.List.empty_list(DIFFUSION_POINTER)


@kernel(void(DIFFUSIONS, DIFFUSION_POINTER))
def _put_diffusion(table, function):
    table.append(function)


@kernel(ADVANCES())
def _empty_advance():
    return typed.List.empty_list(ADVANCE_POINTER)


@kernel(void(ADVANCES, ADVANCE_POINTER))
def _put_advance(table, function):
    table.append(function)


@kernel(CONDUCTANCES())
def _empty_conductance():
    return typed.List.empty_list(CONDUCTANCE_POINTER)


@kernel(void(CONDUCTANCES, CONDUCTANCE_POINTER))
def _put_conductance(table, function):
    table.append(function)


@kernel(CHARGES())
def _empty_charge():
    return typed.List.empty_list(CHARGE_POINTER)


@kernel(void(CHARGES, CHARGE_POINTER))
def _put_charge(table, function):
    table.append(function)


@kernel(ACTIVATIONS())
def _empty_activation():
    return typed.List.empty_list(ACTIVATION_POINTER)


@kernel(void(ACTIVATIONS, ACTIVATION_POINTER))
def _put_activation(table, function):
    table.append(function)


@kernel(SYSTEMS())
def _empty_system():
    return typed.List.empty_list(RHS_POINTER)


@kernel(void(SYSTEMS, RHS_POINTER))
def _put_system(table, function):
    table.append(function)


_MAKERS = {
    "rate": (_empty_rate, _put_rate),
    "output": (_empty_output, _put_output),
    "diffusion": (_empty_diffusion, _put_diffusion),
    "advance": (_empty_advance, _put_advance),
    "conductance": (_empty_conductance, _put_conductance),
    "charge": (_empty_charge, _put_charge),
    "activation": (_empty_activation, _put_activation),
    "system": (_empty_system, _put_system),
}


def function_table(role: str, functions: Sequence[Any]) -> Any:
    """Return the typed list of compiled functions of one role, in the given order.

    Parameters
    ----------
    role : str
        One of ``rate, output, diffusion, advance, conductance, charge, activation, system``.
    functions : sequence of compiled kernels
        Each compiled with the signature of that role.

    Raises
    ------
    TypeError
        A function is not compiled, or for another role.
    """
    empty, put = _MAKERS[role]
    table = empty()
    for function in functions:
        try:
            put(table, function)
        except TypeError as error:
            raise TypeError(_why_not(function, role)) from error
    return table


def _why_not(function: Any, role: str) -> str:
    """Return why a function cannot be the kernel of a role."""
    name = f"{getattr(function, '__module__', '?')}.{getattr(function, '__name__', function)}"
    wanted = f"@kernel({'RHS' if role == 'system' else role.upper()})"
    if hasattr(function, "nopython_signatures"):
        return (f'{name} is compiled with another signature than its role "{role}" has. Decorate it with {wanted}; the '
                f"arguments of each role are in neurosim/device.py.")
    return (f'{name} is not decorated with {wanted}, as the role "{role}" needs: the engine runs compiled kernels only. '
            f"Import kernel from neurosim.kernels.jit and the signature from neurosim.kernels.signatures.")
