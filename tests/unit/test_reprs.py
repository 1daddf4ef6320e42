"""What a person sees in a session: one short line per result, and only the public names."""

import numpy as np

import neurosim as ns
from neurosim.rest import Rest


def test_dir_shows_the_public_names_only():
    assert dir(ns) == sorted([*ns.__all__, "__version__"])


def test_a_trace_is_one_line():
    text = repr(ns.simulate(ns.load_device("vteam/nominal"), ns.Pulse("1 V", "1 us")))
    assert text.startswith("Trace(OK, 201 times, 0 to 1e-06 s, 1 devices: v, x, current, energy)")


def test_a_rest_is_one_line():
    rest = Rest("settled", np.array([-0.1, 0.0, 0.1]), 1e-9, 2e-15, 1e-7, 12, "", np.zeros(5), np.zeros((5, 1000)))
    assert repr(rest) == ("Rest(settled, 3 voltages from -0.1 to 0.1 V, time=1e-09 s, energy=2e-15 J, distance=1e-07, "
                          "12 steps, 5 steps recorded)")


def test_a_network_is_one_line():
    layers = [ns.Inputs(3), ns.Neurons(2, ns.load_device("hard_axis_mtj/nominal"))]
    network = ns.Network(layers, ns.Crossbar(device=ns.load_device("vteam/nominal")), seed=4)
    assert repr(network) == "Network(3 -> 2, vteam/nominal, seed=4, settle=transient)"
