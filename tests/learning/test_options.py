"""Every option of an experiment changes its result, or is refused: none is silently ignored."""

import numpy as np
import pytest

from neurosim.config import Config, parse_config
from neurosim.errors import ConfigError, ParameterError
from neurosim.experiment import build

CAPACITOR = {"kind": "capacitor", "quantum": 0.002}
OUTER = {"learning__programmer": "outer_product", "learning__accumulator": {"kind": "none"}}
VERIFY = {"learning__programmer": "write_verify"}
SAMPLED = {"neuron": {"card": "smtj/nominal", "form": "telegraph"},
           "settle": {"mode": "sampled", "sample_time": "20 ns", "burn_in": "2 ns"}}
# Option, another value, and what else must be set for it to matter.
OPTIONS = [
    ("seed", 4, {}),
    ("nonideality_scale", 0.5, {}),
    ("data__options", {"n": 12, "seed": 2}, {}),
    ("network__hidden", [6], {}),
    ("network__target", 0.4, {}),
    ("network__init_gain", [1.9, 0.3], {}),
    ("network__init_gain", [2.0, 0.4], {}),
    ("network__output_bias", 0.1, {}),
    ("neuron__form", "llg", {}),
    ("neuron__params", {"tau": "1 ns"}, {}),
    ("neuron__params", {"v_r": "60 mV"}, {}),
    ("neuron__current_gain", 2.0, {}),
    ("neuron__sigma_stiffness", "6 %", {}),
    ("neuron__sigma_gain", "6 %", {}),
    ("neuron__reset_time", "20 ns", {}),
    ("synapse__params", {"alpha_on": 2.0}, {}),
    ("synapse__params", {"g_max": "120 uS"}, {}),
    ("synapse__modifiers", [{"kind": "levels", "count": 20}], {}),
    ("synapse__v_read", "0.15 V", {}),
    ("synapse__sigma_d2d", "11 %", {}),
    ("synapse__sigma_rate", "21 %", {}),
    ("synapse__sigma_threshold", "3.1 %", {}),
    ("synapse__sigma_c2c", "11 %", {}),
    ("synapse__sigma_c2c_range", "0.2 %", {}),
    ("synapse__read_noise", "2 %", {}),
    ("synapse__stuck_fraction", "20 %", {}),
    ("synapse__read_time", "1 ns", {"synapse__modifiers": [{"kind": "johnson_shot"}]}),
    ("settle__mode", "equilibrium", {}),
    ("settle__t_max", "1 ns", {}),
    ("settle__distance", 1e-3, {}),
    ("settle__local_error", 1e-3, {}),
    ("settle__sample_step", "2 ns", SAMPLED),
    ("settle__sample_time", "30 ns", SAMPLED),
    ("settle__burn_in", "5 ns", SAMPLED),
    ("learning__estimator", "positive", {}),
    ("learning__estimator", "negative", {}),
    ("learning__beta", 0.4, {}),
    ("learning__nudging", "spring", {}),
    *(("learning__programmer", name, {}) for name in ("pulse_step", "write_verify", "ideal")),
    ("learning__programmer", "outer_product", {"learning__accumulator": {"kind": "none"}}),
    ("learning__amplitude", "0.8 V", {}),
    ("learning__pulse_levels", 32, {}),
    ("learning__step_max", "1 %", {}),
    ("learning__coincidence_bits", 16, OUTER),
    ("learning__step_max", "1 %", OUTER),
    ("learning__verify_budget", 1, VERIFY),
    ("learning__verify_reads", 16, VERIFY),
    ("learning__verify_tolerance", 0.004, VERIFY),
    ("learning__verify_read_time", "5 ns", VERIFY),
    ("learning__accumulator", {"kind": "none"}, {}),
    ("learning__accumulator__quantum", 0.004, {}),
    ("learning__accumulator__bits", 10, {}),
    ("learning__accumulator__limit", 0.003, {}),
    ("learning__accumulator__noise", 0.1, {}),
    ("learning__accumulator__leak_time", "1 us", {"learning__accumulator": CAPACITOR}),
    ("learning__accumulator__noise", 0.1, {"learning__accumulator": CAPACITOR}),
    ("training__epochs", 3, {}),
    ("training__rate", [0.03, 0.01], {}),
    ("training__rate", [0.02, 0.02], {}),
    ("training__schedule", "constant", {}),
    ("training__final_rate", 0.5, {}),
]
# Options that only concern files and figures, checked in the tests of the command line.
OUTSIDE = {"schema_version", "title", "record"}


def result(experiment):
    """Return all that a run reports: history and conductances."""
    experiment.trainer.fit()
    return experiment.trainer.history, [crossbar.g.copy() for crossbar in experiment.network.crossbars]


def differs(a, b):
    if a[0] != b[0]:
        return True
    return any(x.shape != y.shape or np.any(x != y) for x, y in zip(a[1], b[1], strict=True))


@pytest.mark.parametrize(("option", "value", "setting"), OPTIONS, ids=[f"{o}={v}"[:60] for o, v, _ in OPTIONS])
def test_option_changes_the_result(build_tiny, option, value, setting):
    before = {**setting}
    assert differs(result(build_tiny(**before)), result(build_tiny(**before, **{option: value})))


def test_the_same_configuration_gives_the_same_bits(build_tiny):
    assert not differs(result(build_tiny()), result(build_tiny()))


def test_every_option_of_the_schema_is_in_the_list():
    tested = {option for option, _, _ in OPTIONS}
    missing = []

    def walk(model, prefix):
        for name, field in model.model_fields.items():
            key = f"{prefix}{name}"
            if name in OUTSIDE and not prefix:
                continue
            if hasattr(field.annotation, "model_fields"):
                walk(field.annotation, f"{key}__")
            elif not any(option == key or key.startswith(f"{option}__") for option in tested):
                missing.append(key)

    walk(Config, "")
    # The data set and its parts, and which card, are choices with their own tests.
    assert set(missing) <= {"data__name", "data__split", "data__validation", "neuron__card", "synapse__card"}


REFUSED = [
    ({"learning__accumulator": {"kind": "digital", "leak_time": "1 us"}}, "no leak"),
    ({"learning__accumulator": {"kind": "capacitor", "bits": 8}}, "no bits"),
    ({"learning__accumulator": {"kind": "digital", "quantum": 0.5, "limit": 0.1}}, "quantum"),
    ({"learning__programmer": "outer_product"}, "outer_product"),
    ({"learning__amplitude": "0.4 V"}, "does not move a nominal device"),
    ({"learning__amplitude": "3 V"}, "3 V leave the range that vteam/nominal is valid in, -2 V to 2 V"),
    ({"learning__amplitude": "3 V", "learning__programmer": "outer_product", "learning__accumulator": {"kind": "none"}},
     "Lower learning.amplitude"),
    ({"synapse__card": "vteam/technion"}, "Lower neuron.params.v_r to at most 0.02 V, the v_read_max of vteam/technion"),
    ({"synapse__v_read": "0.3 V"}, "v_read_max"),
    ({"synapse__params": {"g_max": "4 uS"}}, "g_m"),
    ({"synapse__card": "resistor/nominal"}, "programmable"),
    ({"synapse__card": "vteam/nominl"}, 'Did you mean "vteam/nominal"'),
    ({"network__init_gain": [1.0]}, "2 crossbars"),
    ({"training__rate": [0.1, 0.1, 0.1]}, "2 crossbars"),
    ({"learning__beta": 0.0}, "beta"),
    ({"learning__estimator": "centred"}, "centered"),
    ({"learning__pulse_levels": 0}, "pulse_levels"),
    ({"synapse__sigma_d2d": -0.1}, "sigma_d2d"),
    ({"synapse__stuck_fraction": 1.5}, "stuck_fraction"),
    ({"training__epochs": 0}, "epochs"),
    ({"network__hidden": [0]}, "hidden"),
    ({"learning__nudgin": "spring"}, 'Did you mean "nudging"'),
]


@pytest.mark.parametrize(("changes", "match"), REFUSED, ids=[str(changes)[:60] for changes, _ in REFUSED])
def test_contradiction_or_bad_value_is_refused_by_name(tiny, changes, match):
    with pytest.raises((ConfigError, ParameterError), match=match):
        build(parse_config(tiny(**changes)))


def test_negative_spring_beyond_the_stability_limit_is_refused(build_tiny):
    build_tiny(learning__nudging="spring", learning__beta=0.3)
    with pytest.raises(ParameterError, match="stability limit"):
        build_tiny(learning__nudging="spring", learning__beta=1.5)
