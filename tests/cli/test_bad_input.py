"""Whatever is wrong with the input: one clear line on standard error, the right exit code, no traceback."""

import json

import pytest

BAD_INPUT, DATA, STORAGE = 2, 4, 5


def change(old, new):
    return lambda text: text.replace(old, new)


# What is wrong, how the file is changed, further arguments, exit code, what the message must say.
TABLE = [
    ("misspelt key", change("beta = 0.2", "betta = 0.2"), [], BAD_INPUT, ["learning.betta", 'Did you mean "beta"']),
    ("misspelt section", change("[training]", "[trainign]"), [], BAD_INPUT, ["trainign", 'Did you mean "training"']),
    ("wrong unit", change("[learning]", '[learning]\namplitude = "5 kV/m"'), [], BAD_INPUT, ["learning.amplitude", "kV/m"]),
    ("unit on a number", change("beta = 0.2", 'beta = "0.2 V"'), [], BAD_INPUT, ["learning.beta"]),
    ("nan", change("beta = 0.2", "beta = nan"), [], BAD_INPUT, ["learning.beta", "finite"]),
    ("infinite", change("beta = 0.2", "beta = inf"), [], BAD_INPUT, ["learning.beta", "finite"]),
    ("negative sigma", str, ["--set", "synapse.sigma_d2d=-0.1"], BAD_INPUT, ["synapse.sigma_d2d", "-0.1"]),
    ("wrong type", change("epochs = 2", 'epochs = "many"'), [], BAD_INPUT, ["training.epochs", "many"]),
    ("not TOML", change("schema = 1", "schema = = 1"), [], BAD_INPUT, ["tiny.toml", "line"]),
    ("other schema", change("schema = 1", "schema = 2"), [], BAD_INPUT, ["schema"]),
    ("unknown card", str, ["--set", "synapse.card=vteam/nominl"], BAD_INPUT, ['Did you mean "vteam/nominal"']),
    ("unknown card parameter", str, ["--set", "synapse.params.r_onn=1e4"], BAD_INPUT, ['Did you mean "r_on"']),
    ("no synapse", str, ["--set", "synapse.card=resistor/nominal"], BAD_INPUT, ["resistor/nominal", "programmable"]),
    ("unknown data", change("two_moons", "two_mons"), [], BAD_INPUT, ['Did you mean "two_moons"']),
    ("unknown data option", change("n = 12", "m = 12"), [], BAD_INPUT, ['"m"']),
    ("--set without =", str, ["--set", "learning.beta"], BAD_INPUT, ["--set learning.beta", "section.key=value"]),
    ("--set below a value", str, ["--set", "learning.beta.x=1"], BAD_INPUT, ["beta"]),
    ("--set of an unknown key", str, ["--set", "learning.betta=1"], BAD_INPUT, ['Did you mean "beta"']),
    ("read above the card's limit", str, ["--set", "synapse.v_read=0.5 V"], BAD_INPUT, ["v_read", "0.2 V"]),
    ("one rate too many", change("rate = [0.02, 0.01]", "rate = [1, 1, 1]"), [], BAD_INPUT, ["training.rate", "3"]),
    ("true as a number", change("seed = 3", "seed = true"), [], BAD_INPUT, ["[seed]", "true and false are no numbers"]),
    ("true in a list", change("hidden = [5]", "hidden = [true]"), [], BAD_INPUT, ["network.hidden", "no numbers"]),
    ("huge first weights", str, ["--set", "network.init_gain=[1e300, 1.0]"], BAD_INPUT, ["network.init_gain.0", "1000"]),
    ("huge first bias", str, ["--set", "network.output_bias=1e300"], BAD_INPUT, ["network.output_bias", "1000"]),
    ("no step", str, ["--set", "learning.step_max=1e-300"], BAD_INPUT, ["learning.step_max", "0.000000001"]),
    ("infinite card value", str, ["--set", "synapse.params.r_on=1e400"], BAD_INPUT,
     ["[synapse.params.r_on]: must be a finite"]),
    ("true card value", str, ["--set", "synapse.params.r_on=true"], BAD_INPUT, ["[synapse.params.r_on]: must be a number or"]),
    ("no hidden layer", str, ["--set", "network.hidden=[]"], BAD_INPUT,
     ["network.hidden = [] makes 1 crossbar, each needs one value, but network.init_gain has 2 and training.rate has 2"]),
    ("output folder is a file", str, ["--out", "tiny.toml"], STORAGE, ["tiny.toml"]),
]


def assert_clear(done, code, words, most_lines=1):
    assert done.returncode == code, done.stderr
    if "--json" in [str(argument) for argument in done.args]:
        answer = json.loads(done.stdout)  # exactly one line, for machines: what failed, in the words of the message
        assert answer["status"] == "failed"
        assert f"neurosim: {answer['error']}" in done.stderr
    else:
        assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if "warning" not in line]
    assert 1 <= len(lines) <= most_lines, done.stderr
    assert lines[0].startswith("neurosim: ")
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(("edit", "arguments", "code", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_bad_experiment_is_one_clear_line(call, experiment, edit, arguments, code, words):
    experiment.write_text(edit(experiment.read_text()))
    assert_clear(call("run", experiment, "--json", "--no-figures", *arguments), code, words)


def test_two_mistakes_are_two_lines(call, experiment):
    experiment.write_text(experiment.read_text().replace("beta = 0.2", "betta = 0.2").replace("epochs = 2", "epochs = 0"))
    assert_clear(call("run", experiment, "--json"), BAD_INPUT, ["betta", "epochs"], most_lines=2)


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["run", "missing.toml"], BAD_INPUT, ["missing.toml", "no such experiment file"]),
    (["run", "."], BAD_INPUT, ["cannot be read"]),
    (["resume", "nowhere"], STORAGE, ["nowhere", "neurosim run"]),
    (["resume", "."], STORAGE, ["no config.json"]),
    (["evaluate", "nowhere"], STORAGE, ["nowhere", "neurosim run"]),
    (["evaluate", "."], STORAGE, ["no config.json"]),
    (["plot", "nowhere"], STORAGE, ["nowhere"]),
    (["device", "show", "vteam/nominl"], BAD_INPUT, ['Did you mean "vteam/nominal"']),
    (["device", "check", "missing.toml"], STORAGE, ["missing.toml"]),
    (["iv", "vteam/nominal", "--amplitude", "5 kV/m"], BAD_INPUT, ["kV/m"]),
    (["iv", "vteam/nominal", "--cycles", "0"], BAD_INPUT, ["cycles"]),
    (["pulses", "vteam/nominal", "--width", "-1 ns"], BAD_INPUT, ["width"]),
    (["pulses", "hard_axis_mtj/nominal"], BAD_INPUT, ["two-terminal"]),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_bad_argument_is_one_clear_line(call, arguments, code, words):
    assert_clear(call(*arguments), code, words)


def test_existing_run_is_never_overwritten(call, experiment, finished):
    before = {path.name: path.read_bytes() for path in finished[1].iterdir() if path.is_file()}
    assert_clear(call("run", experiment, "--out", finished[1]), STORAGE, ["already holds a run", "--out", "resume"])
    assert before == {path.name: path.read_bytes() for path in finished[1].iterdir() if path.is_file()}


@pytest.mark.parametrize(("override", "section"), [("network.hidden=[6]", "network"), ("seed=4", "seed"),
                                                   ("data.options.seed=2", "data")])
def test_evaluate_refuses_to_move_states_to_other_devices(call, finished, override, section):
    assert_clear(call("evaluate", finished[1], "--set", override), BAD_INPUT, [f"--set {section}", "keeps its"])


def test_evaluate_refuses_synapses_of_another_model(call, finished):
    done = call("evaluate", finished[1], "--set", "synapse.card=messaris/taox")
    assert_clear(done, BAD_INPUT, ["messaris/taox", "vteam/nominal (vteam)", "mean nothing"])
    assert call("evaluate", finished[1], "--set", "synapse.params.r_on=11 kohm").returncode == 0


def test_evaluate_of_a_damaged_run_is_one_clear_line(call, finished):
    for name in ("checkpoint.npz", "checkpoint.previous.npz"):
        (finished[1] / name).write_bytes(b"no")
    assert_clear(call("evaluate", finished[1], "--json"), STORAGE, ["no usable checkpoint"])


def test_damaged_config_is_one_clear_line(call, finished):
    (finished[1] / "config.json").write_text('{"schema": 1, ')
    assert_clear(call("resume", finished[1], "--json"), BAD_INPUT, ["config.json"])


@pytest.mark.parametrize("arguments", [[], ["runn"], ["run"], ["device"], ["run", "x.toml", "--colour"]])
def test_unknown_usage_exits_2_with_usage(call, arguments):
    done = call(*arguments)
    assert done.returncode == BAD_INPUT
    assert "usage: neurosim" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_experiment_in_a_new_process_is_one_clear_line(command, experiment):
    assert_clear(command("run", experiment, "--set", "learning.betta=1"), BAD_INPUT, ['Did you mean "beta"'])
