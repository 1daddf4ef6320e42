"""A card of a toy cell as text, and the models that the tests of cards and devices match with it."""

from neurosim.card import Device
from neurosim.card_file import Card, parse_card
from neurosim.device import DeviceModel, Handle, ParamSpec, StateSpec


def conductance(state, params, out, start, stop):
    """Mixture of a low and a high conductance: g = (1 - x) low + x high."""
    out[start:stop] = (1 - state[0, start:stop]) * params[0, start:stop] + state[0, start:stop] * params[1, start:stop]


def nothing(*_):
    return None


RESISTIVE = DeviceModel(
    name="toy",
    params=(ParamSpec("r_on", "ohm", 1e4, 1.0, 1e9, "lowest resistance"),
            ParamSpec("r_off", "ohm", 1e5, 1.0, 1e9, "highest resistance"),
            ParamSpec("k_up", "1/s", 1e3, 0.0, 1e12, "rate up"),
            ParamSpec("k_down", "1/s", -2e3, -1e12, 0.0, "rate down"),
            ParamSpec("v_on", "V", -0.5, -10.0, 0.0, "threshold"), ParamSpec("shape", "", 3.0, 1.0, 10.0, "exponent")),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "boundary"),), drives=(), rate=nothing, conductance=nothing,
    handles={"g_max": Handle(("r_on",), -1.0), "g_min": Handle(("r_off",), -1.0), "rate": Handle(("k_up", "k_down")),
             "threshold_up": Handle(("v_on",))},
    forms={"full": DeviceModel(
        name="toy_full", params=(ParamSpec("extra", "A/m", 7.0, 0.0, 10.0, "only here"),
                                 ParamSpec("r_on", "ohm", 1e4, 1.0, 1e9, "lowest resistance")),
        states=(StateSpec("y", "", -1.0, 1.0, 0.0, "other state"),), drives=(), rate=nothing)},
)
MIXED = DeviceModel(
    name="mixed", params=(ParamSpec("low", "S", 1e-6, 0.0, 1.0, "low"), ParamSpec("high", "S", 1e-4, 0.0, 1.0, "high")),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "mixture"),), drives=(), rate=nothing, conductance=conductance,
    handles={"g_max": Handle(("low", "high")), "g_min": Handle(("low",))},
)

GOOD = """\
schema = 1
model = "toy"

[source]
title = "A \\"toy\\" cell"
authors = ["A. Author", "B. Author"]
year = 2020
doi = "10.1/toy"

[params]
r_on = { value = 10, unit = "kohm", origin = "measured", note = "Fig. 2" }
r_off = { value = 1e5, unit = "ohm", origin = "fitted" }
k_up = { value = 1.0, unit = "1/ms", origin = "assumed" }
v_on = { value = -500, unit = "mV", origin = "published" }
shape = { value = 3, unit = "", origin = "fitted" }

[state]
x = 0.25

[valid]
v_min = { value = -1, unit = "V" }
v_max = { value = 1200, unit = "mV" }
v_read_max = { value = 200, unit = "mV" }

[[expected.switching]]
voltage = 1.0
seconds = 1e-6
"""


def card(text=GOOD) -> Card:
    return parse_card(text.encode(), "cards/toy/paper.toml", "toy/paper")


def device(text=GOOD) -> Device:
    return Device.build(card(text), RESISTIVE)
