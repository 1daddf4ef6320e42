"""Numba types shared by devices and engine: one fixed signature per kernel role, and tables of function pointers.

A device kernel works on whole arrays, structure-of-arrays, C-contiguous float64, with ``start, stop`` (active columns) last:

``state (n_state, n)``, ``drive (n_drive, n)``, ``params (n_param, n)``, ``noise (n_noise, n)``, ``output (n_output, n)``.

First-class functions of these types are put into typed lists, so that one compiled engine serves every mix of devices and
still loads from the disk cache. Lists cost 0.9 us per call to pass from Python; a bare function or a tuple costs 26 us.
"""

from __future__ import annotations

from numba import types

f8 = types.float64
i8 = types.int64
u8 = types.uint64
u4 = types.uint32
void = types.void
A1 = types.Array(f8, 1, "C")
A2 = types.Array(f8, 2, "C")
A3 = types.Array(f8, 3, "C")
I1 = types.Array(i8, 1, "C")
I2 = types.Array(i8, 2, "C")

# Roles of a device model. Results go to the last array; ``current`` and ``activation`` also give the slope.
RATE = void(A2, A2, A2, A2, i8, i8)                 # state, drive, params, out (n_state, n)
ADVANCE = void(A2, A2, A2, A2, A1, i8, i8)          # state (changed), drive, params, noise, duration (n,)
CURRENT = void(A2, A2, A2, A1, A1, i8, i8)          # state, drive, params, current (n,), slope (n,)
CONDUCTANCE = void(A2, A2, A1, i8, i8)              # state, params, out (n,)
CHARGE = void(A2, A2, A2, A1, A1, i8, i8)           # state, drive, params, duration (n,), out (n,)
DEAD_ZONE = void(A2, A1, A1, i8, i8)                # params, lowest (n,), highest (n,) drive that moves nothing
OUTPUT = void(A2, A2, A2, i8, i8)                   # state, params, out (n_output, n)
ACTIVATION = void(A2, A2, A2, A2, i8, i8)           # drive, params, out (n_output, n), slope (n_output, n)
POTENTIAL = void(A2, A2, A1, i8, i8)                # output, params, out (n,)
DIFFUSION = void(A2, A2, A2, A2, i8, i8)            # state, drive, params, out (n_state * n_noise, n)
HAZARD = void(A2, A2, A2, A2, i8, i8)               # state, drive, params, out (n_event, n)

# Pointers to such kernels, and the typed lists of pointers that the engine takes.
RATE_POINTER = types.FunctionType(RATE)
OUTPUT_POINTER = types.FunctionType(OUTPUT)
DIFFUSION_POINTER = types.FunctionType(DIFFUSION)
ADVANCE_POINTER = types.FunctionType(ADVANCE)
CONDUCTANCE_POINTER = types.FunctionType(CONDUCTANCE)
CHARGE_POINTER = types.FunctionType(CHARGE)
ACTIVATION_POINTER = types.FunctionType(ACTIVATION)
RATES = types.ListType(RATE_POINTER)
OUTPUTS = types.ListType(OUTPUT_POINTER)
DIFFUSIONS = types.ListType(DIFFUSION_POINTER)
ADVANCES = types.ListType(ADVANCE_POINTER)
CONDUCTANCES = types.ListType(CONDUCTANCE_POINTER)
CHARGES = types.ListType(CHARGE_POINTER)
ACTIVATIONS = types.ListType(ACTIVATION_POINTER)

# Right-hand side of any system of ordinary differential equations, dy/dt = f(t, y):
# t, y, layout (integers), values (floats), rate kernels, output kernels, out. The four middle arguments are the problem.
RHS = void(f8, A1, I1, A1, RATES, OUTPUTS, A1)
RHS_POINTER = types.FunctionType(RHS)
SYSTEMS = types.ListType(RHS_POINTER)
