"""What is not a kernel of its role is refused by name, before the engine sees it."""

from types import SimpleNamespace

import numpy as np
import pytest

import neurosim as ns
from neurosim.device import DeviceModel, SignalSpec, StateSpec
from neurosim.device_tables import kernel_table
from neurosim.errors import ParameterError
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import CONDUCTANCE
from neurosim.kernels.tables import function_table


def conductance(state, params, out, start, stop):
    """Not compiled."""
    out[start:stop] = state[0, start:stop]


@kernel(CONDUCTANCE)
def compiled(state, params, out, start, stop):
    """G = x."""
    out[start:stop] = state[0, start:stop]


def test_a_plain_function_is_named_with_its_remedy():
    with pytest.raises(TypeError, match=rf"{__name__}\.conductance is not decorated with @kernel\(CONDUCTANCE\)"):
        function_table("conductance", [conductance])


def test_a_kernel_of_another_role_is_named():
    with pytest.raises(TypeError, match=rf'{__name__}\.compiled is compiled with another signature than its role "rate"'):
        function_table("rate", [compiled])


def test_simulate_says_that_a_rate_is_not_decorated():
    def rate(*_):
        return None

    model = DeviceModel(name="mine", params=(), states=(StateSpec("x", "", 0.0, 1.0, 0.5, "x"),), rate=rate,
                        drives=(SignalSpec("v", "V", "voltage"),))
    device = SimpleNamespace(model=model, params=np.empty((0, 1)), state=np.full((1, 1), 0.5))
    with pytest.raises(ParameterError, match=r"rate is not decorated with @kernel\(RATE\)"):
        ns.simulate(device, ns.Pulse("1 V", "1 us"))


def test_a_missing_role_says_what_it_is_for_and_what_to_do():
    model = DeviceModel(name="mine", params=(), states=(), drives=(), rate=compiled)
    with pytest.raises(ParameterError, match=r'no "advance", which writes in a crossbar.*Give advance= a kernel decorated'):
        model.require("advance")


def test_a_plain_function_in_a_crossbar_is_a_parameter_error_that_names_the_model():
    model = DeviceModel(name="mine", params=(), states=(), drives=(), rate=compiled, advance=lambda *_: None)
    with pytest.raises(ParameterError, match=r"mine: .*is not decorated with @kernel\(ADVANCE\)"):
        kernel_table("advance", [model])
