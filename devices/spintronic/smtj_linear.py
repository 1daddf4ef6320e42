"""The superparamagnetic junction with barriers linear in the drive (n = 1), faster: one exponential gives both rates.

With a = exp(delta x): up = a exp(-delta) / tau_0, down = exp(-delta) / (a tau_0).
Same law as :mod:`devices.spintronic.smtj`, which takes these kernels where every instance has n = 1.
"""

from __future__ import annotations

from devices.memristor.switch_count import uniform_of
from devices.spintronic.smtj_law import LARGEST, reduced_drive
from devices.spintronic.smtj_parameters import law_rows
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, RATE
from neurosim.kernels.vmath import exp


@scalar_kernel
def linear_rates(x, delta, tau_0):
    """Return the rates up and down [1/s]."""
    a = exp(min(LARGEST, max(-LARGEST, delta * x)))
    slow = exp(-delta) / tau_0
    return a * slow, slow / a


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write d<s>/dt [1/s]."""
    s, i, change = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    delta, i_c, _, tau_0, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        up, down = linear_rates(reduced_drive(i[k], gain[k], i_c[k], x_off[k]), delta[k], tau_0[k])
        change[k] = up * (1.0 - s[k]) - down * (1.0 + s[k])


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step the mean <s> over ``duration`` [s] at frozen current: exact."""
    s, i, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    delta, i_c, _, tau_0, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        up, down = linear_rates(reduced_drive(i[k], gain[k], i_c[k], x_off[k]), delta[k], tau_0[k])
        rest = (up - down) / (up + down)
        s[k] = rest + (s[k] - rest) * exp(-(up + down) * dt[k])


@kernel(ADVANCE)
def advance_telegraph(state, drive, params, noise, duration, start, stop):
    """Step one junction over ``duration`` [s] at frozen current, exact in law; the mean where the normal number is zero."""
    s, i, dt, z = state[0, start:stop], drive[0, start:stop], duration[start:stop], noise[0, start:stop]
    delta, i_c, _, tau_0, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        up, down = linear_rates(reduced_drive(i[k], gain[k], i_c[k], x_off[k]), delta[k], tau_0[k])
        rest = (up - down) / (up + down)
        mean = rest + (s[k] - rest) * exp(-(up + down) * dt[k])
        jumped = 1.0 if 2.0 * uniform_of(z[k]) - 1.0 < mean else -1.0
        s[k] = mean if z[k] == 0.0 else jumped
