"""An option that cannot change anything is named: a caution in a file, an error as an override."""

from pathlib import Path

import numpy as np
import pytest

from neurosim.config import load_config, parse_config
from neurosim.errors import ConfigError
from neurosim.experiment import build
from neurosim.idle_options import RULES, idle_options, idle_sentences

SHIPPED = Path(__file__).parents[2] / "experiments"
DIGITS = SHIPPED / "digits.toml"
IDEAL = {"learning__programmer": "ideal"}
NONE = {"learning__accumulator": {"kind": "none"}}
OUTER = {"learning__programmer": "outer_product", **NONE}
VERIFY = {"learning__programmer": "write_verify"}
EQUILIBRIUM = {"settle": {"mode": "equilibrium"}}
SAMPLED = {"neuron": {"card": "smtj/nominal", "form": "telegraph"},
           "settle": {"mode": "sampled", "sample_time": "20 ns", "burn_in": "2 ns"}}
CAPACITOR = {"learning__accumulator": {"kind": "capacitor", "quantum": 0.002}}
# Option, a value that matters elsewhere, and the choices that leave it without effect.
IDLE = [
    ("learning__amplitude", "0.8 V", IDEAL), ("learning__step_max", "1 %", IDEAL), ("learning__pulse_levels", 8, IDEAL),
    ("synapse__sigma_c2c", "50 %", IDEAL), ("synapse__sigma_c2c_range", "5 %", IDEAL),
    ("learning__accumulator__quantum", 0.02, IDEAL), ("learning__accumulator__leak_time", "1 us", {**IDEAL, **CAPACITOR}),
    ("synapse__read_time", "1 ps", {}), ("learning__pulse_levels", 8, VERIFY), ("learning__pulse_levels", 8, OUTER),
    ("learning__coincidence_bits", 3, {}), ("learning__coincidence_bits", 3, VERIFY),
    ("learning__verify_budget", 1, {}), ("learning__verify_budget", 1, OUTER),
    ("learning__verify_reads", 1, {}), ("learning__verify_tolerance", 0.5, {}), ("learning__verify_read_time", "1 us", IDEAL),
    ("learning__accumulator__quantum", 0.02, NONE), ("learning__accumulator__limit", 0.5, NONE),
    ("learning__accumulator__noise", 0.5, NONE),
    ("settle__t_max", "1 ns", EQUILIBRIUM), ("settle__distance", 1e-3, EQUILIBRIUM), ("settle__local_error", 1e-3, EQUILIBRIUM),
    ("settle__t_max", "1 ns", SAMPLED), ("settle__distance", 1e-3, SAMPLED), ("settle__local_error", 1e-3, SAMPLED),
    ("settle__sample_step", "1 ps", {}), ("settle__sample_time", "1 ms", {}), ("settle__burn_in", "1 ms", EQUILIBRIUM),
    ("training__final_rate", 0.5, {"training__schedule": "constant"}),
]


def result(config):
    trainer = build(config).trainer
    trainer.fit()
    return trainer.history, [crossbar.g for crossbar in trainer.network.crossbars]


@pytest.mark.parametrize(("option", "value", "setting"), IDLE, ids=[f"{o}-{i}" for i, (o, _, _) in enumerate(IDLE)])
def test_option_named_as_idle_changes_no_bit(tiny, option, value, setting):
    without, given = parse_config(tiny(**setting)), parse_config(tiny(**setting, **{option: value}))
    name = option.replace("__", ".")
    if "quantum" not in name:  # the tiny file sets a quantum
        assert not any(name in names for names in idle_options(without).values())
    assert any(name in names for names in idle_options(given).values())
    a, b = result(without), result(given)
    assert a[0] == b[0]
    for one, other in zip(a[1], b[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_rule_is_proven_idle():
    proven = {option.replace("__", ".") for option, _, _ in IDLE}
    named = {name for rule in RULES for name in rule.options}
    # The recorded sample is a file; bits and leak without their kind are refused before.
    assert named - proven == {"record.sequence_at", "learning.accumulator.bits"}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_shipped_experiments_set_nothing_idle(path):
    assert idle_sentences(load_config(path)) == []


@pytest.mark.parametrize("programmer", ["ideal", "write_verify"])
def test_another_programmer_for_the_main_job_is_one_caution(programmer):
    sentence, = idle_sentences(load_config(DIGITS, [f"learning.programmer={programmer}"]))
    assert "learning.pulse_levels" in sentence
    assert f'learning.programmer = "{programmer}"' in sentence


@pytest.mark.parametrize(("overrides", "option"), [
    (["learning.programmer=ideal", "learning.pulse_levels=8"], "learning.pulse_levels"),
    (["settle.t_max=2 us", "settle.mode=equilibrium"], "settle.t_max"),
    (["learning.accumulator={kind='none', quantum=0.01}"], "learning.accumulator.quantum"),
    (["learning.verify_budget=3"], "learning.verify_budget"),
])
def test_override_without_effect_is_refused_by_name(overrides, option):
    with pytest.raises(ConfigError, match=f"{option} changes nothing with"):
        load_config(DIGITS, overrides)


def test_defaults_of_a_resolved_file_are_nobodys_choice(tmp_path):
    path = tmp_path / "config.json"
    chosen = load_config(DIGITS, ["learning.programmer=ideal", "seed=5"])
    path.write_text(chosen.to_json())
    again = load_config(path)
    assert again == chosen
    assert idle_sentences(again) == []
    with pytest.raises(ConfigError, match=r"learning\.amplitude changes nothing"):
        load_config(path, ["learning.amplitude=0.8 V"])


def test_noise_of_the_card_that_would_be_overwritten_is_refused(tiny):
    with pytest.raises(ConfigError, match=r"synapse\.params\.sigma_step would be overwritten by synapse\.sigma_c2c"):
        parse_config(tiny(synapse__params={"sigma_step": 0.2}))
