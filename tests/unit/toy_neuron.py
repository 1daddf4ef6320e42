"""Neurons in plain numpy with a hidden state: one that rotates by a parameter, one that never rests."""

import numpy as np

from neurosim.card import Device
from neurosim.card_file import parse_card
from neurosim.device import DeviceModel, ParamSpec, SignalSpec, StateSpec

LIMIT = 10.0  # largest output [V], far beyond the graded range that is used: one ampere gives one volt


def rate(state, drive, params, out, start, stop):
    """Turn with ``twist`` and relax to (i, 0): dx/dt = i - x - twist y, dy/dt = twist x - y."""
    (x, y), twist = state[:, start:stop], params[0, start:stop]
    out[0, start:stop] = np.clip(drive[0, start:stop], -LIMIT, LIMIT) - x - twist * y
    out[1, start:stop] = twist * x - y


def growing(state, drive, params, out, start, stop):
    """Grow to the circle of radius one and turn: no rest at any current."""
    (x, y) = state[:, start:stop]
    grow = 1.0 - x * x - y * y
    out[0, start:stop] = grow * x - 10.0 * y + 1e-3 * np.clip(drive[0, start:stop], -LIMIT, LIMIT)
    out[1, start:stop] = grow * y + 10.0 * x


def output(state, params, out, start, stop):
    """Show x alone."""
    out[0, start:stop] = state[0, start:stop]


def activation(drive, params, out, slope, start, stop):
    """Rest at x = i / (1 + twist^2)."""
    gain, i = 1.0 / (1.0 + params[0, start:stop] ** 2), drive[0, start:stop]
    out[0, start:stop] = gain * np.clip(i, -LIMIT, LIMIT)
    slope[0, start:stop] = np.where(np.abs(i) < LIMIT, gain, 0.0)


def potential(output, params, out, start, stop):
    """Hold V by the current V, without twist."""
    out[start:stop] = 0.5 * output[0, start:stop] ** 2


def energy(state, params, out, start, stop):
    """Count the hidden state too."""
    out[start:stop] = 0.5 * np.sum(state[:, start:stop] ** 2, axis=0)


ROTATING = DeviceModel(
    name="rotating", params=(ParamSpec("twist", "", 0.0, 0.0, 100.0, "rotation"),),
    states=(StateSpec("x", "", -1e3, 1e3, 0.1, "shown"), StateSpec("y", "", -1e3, 1e3, 0.2, "hidden")),
    drives=(SignalSpec("i", "A", "current"),), outputs=(SignalSpec("v", "V", "voltage"),), rate=rate, output=output,
    activation=activation, potential=potential, energy=energy, breaks_energy=("twist",),
)
UNSTABLE = DeviceModel(
    name="unstable", params=ROTATING.params, states=ROTATING.states, drives=ROTATING.drives, outputs=ROTATING.outputs,
    rate=growing, output=output, activation=activation, potential=potential, energy=energy,
)


def toy_device(model):
    """Return a device of one of these models with its default parameters."""
    text = f'schema = 1\nmodel = "{model.name}"\n[source]\ntitle = "toy"\nauthors = "none"\nyear = 2026\n[params]\n'
    return Device.build(parse_card(text.encode(), "toy.toml"), model)
