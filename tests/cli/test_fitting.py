"""Fitting recovers known parameters from simulated, noisy data, and says where a fit means little."""

import json

import numpy as np
import pytest
from fit_data import NOISE, TRUE, one_amplitude, pulse_data, write_csv

from neurosim.characterise import iv_sweep
from neurosim.characterise.cells import Cells
from neurosim.errors import DataError, ParameterError
from neurosim.fitting import Measurement, fit_device, read_measurement
from neurosim.fitting.free import default_free
from neurosim.library import load_device
from neurosim.modifiers import modify_device
from neurosim.self_test import check_card
from neurosim.storage import sha256
from neurosim.waveform import Triangle


def test_pulse_data_give_the_parameters_back_within_their_intervals():
    result = fit_device(load_device("vteam/nominal"), pulse_data(load_device("vteam/nominal", **TRUE)), list(TRUE))
    assert result.deviation == pytest.approx(NOISE, rel=0.2)
    for value in result.values:
        truth = TRUE.get(value.name, 0.5)
        assert value.identified, value
        assert value.low - 2 * (value.high - value.low) < truth < value.high + 2 * (value.high - value.low), value
        assert value.value == pytest.approx(truth, rel=0.05)


def test_a_loop_gives_the_parameters_back():
    true = load_device("vteam/nominal", k_off=4e5, k_on=-4e5)
    loop = iv_sweep(true, Triangle(1.3, period=20e-6, cycles=2), steps=300)
    noise = 1 + 0.01 * np.random.default_rng(1).standard_normal(loop.current.size)
    data = Measurement("iv", "simulated", {"time": loop.time, "voltage": loop.voltage, "current": loop.current * noise})
    result = fit_device(load_device("vteam/nominal"), data, ["k_off", "k_on", "r_off"])
    values = {value.name: value for value in result.values}
    assert values["k_off"].value == pytest.approx(4e5, rel=0.05)
    assert values["k_on"].value == pytest.approx(-4e5, rel=0.05)
    assert values["r_off"].value == pytest.approx(2e5, rel=0.02)


@pytest.mark.parametrize(("card", "free"), [
    ("vteam/nominal", "r_on r_off k_off k_on alpha_off alpha_on v_off v_on"),
    ("pulse_step/soft_bounds", "g_min g_max up_low down_high"),  # no widths of noise, no width of a pulse, no zeros
    ("windowed_drift/biolek2009", "r_on r_off thickness mobility"),  # the window is a choice
])
def test_what_is_fitted_by_default_is_the_noiseless_law(card, free):
    assert default_free(load_device(card)) == free.split()


def test_numbers_of_modifiers_are_fitted_only_by_name():
    device = modify_device(load_device("vteam/nominal"), [{"kind": "temperature", "ambient": "320 K"}])
    assert default_free(device) == default_free(load_device("vteam/nominal"))


def test_another_family_is_fitted_by_the_same_call():
    true = load_device("two_state/knowm_sdc", g_on=2e-3, rate_plus=3e4, rate_minus=2e4)
    cells, rows = Cells(true), []
    for k in range(120):
        volts, width = (0.25, 5e-6) if (k // 30) % 2 == 0 else (-0.3, 4e-6)
        cells.advance(volts, width)
        rows.append((volts, width, cells.conductance(0.1)[0]))
    voltage, width, g = np.array(rows).T
    g = g * (1 + 0.002 * np.random.default_rng(3).standard_normal(g.size))
    result = fit_device(load_device("two_state/knowm_sdc"),
                        Measurement("pulses", "simulated", {"voltage": voltage, "width": width, "conductance": g}),
                        ["g_on", "rate_plus", "rate_minus"])
    for value in result.values[:3]:
        assert value.value == pytest.approx({"g_on": 2e-3, "rate_plus": 3e4, "rate_minus": 2e4}[value.name], rel=0.05)


def test_data_of_the_other_polarity_are_refused():
    data = pulse_data(load_device("vteam/nominal", **TRUE))
    turned = Measurement("pulses", "chip", dict(data.columns) | {"voltage": -data["voltage"]})
    with pytest.raises(DataError, match="change the sign of the voltage"):
        fit_device(load_device("vteam/nominal"), turned, ["r_on", "r_off", "k_on", "k_off"])


def test_a_loop_of_a_resistor_is_no_memristor():
    time = np.linspace(0.0, 1e-3, 40)
    voltage = np.sin(2e3 * np.pi * time)
    data = Measurement("iv", "film", {"time": time, "voltage": voltage, "current": voltage / 1e4})
    with pytest.raises(DataError, match=r"g_max.*hardly switch"):
        fit_device(load_device("vteam/nominal"), data, ["r_on", "r_off"])


def test_missing_files_and_unknown_parameters_are_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_measurement(tmp_path / "nowhere.csv")
    with pytest.raises(ParameterError, match="no parameter"):
        fit_device(load_device("vteam/nominal"), pulse_data(load_device("vteam/nominal")), ["r_onn"])


def test_the_command_writes_a_card_that_loads_and_a_figure(call, tmp_path):
    data = pulse_data(load_device("vteam/nominal", **TRUE))
    write_csv(tmp_path / "chip.csv", data)
    card = tmp_path / "made" / "chip.toml"
    done = call("device", "fit", tmp_path / "chip.csv", "--model", "vteam", "--free", "k_on,k_off,r_on,r_off", "--out", card,
                "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    device = load_device(card)
    fitted = {value["name"]: value["value"] for value in told["values"]}
    assert device.value("k_on") == pytest.approx(fitted["k_on"], rel=1e-12)
    assert device.card.params["k_on"].origin == "fitted"
    assert device.card.params["alpha_on"].origin == "assumed"
    assert told["free"] == ["k_on", "k_off", "r_on", "r_off", "x"]
    assert "alpha_on" in told["kept"]
    assert card.with_suffix(".png").read_bytes()[:4] == b"\x89PNG"


def test_an_infinite_interval_is_a_dash_for_people_and_null_in_json(call, tmp_path):
    path = write_csv(tmp_path / "chip.csv", one_amplitude(0, NOISE))
    told = call("device", "fit", path, "--model", "vteam", "--free", "r_off,k_on,k_off,v_on", "--json")
    assert told.returncode == 0, told.stderr
    values = {value["name"]: value for value in json.loads(told.stdout)["values"]}
    assert not values["v_on"]["identified"]
    assert values["v_on"]["low"] is values["v_on"]["high"] is None
    assert values["r_off"]["low"] < values["r_off"]["value"] < values["r_off"]["high"]


def test_random_data_are_a_poor_fit_in_text_json_and_card(call, tmp_path):
    g = 10.0 ** np.random.default_rng(7).uniform(-5, -4, 40)
    data = Measurement("pulses", "chip", {"voltage": np.where(np.arange(40) % 2, 0.9, -0.9), "width": np.full(40, 1e-7),
                                          "conductance": g})
    arguments = ("device", "fit", write_csv(tmp_path / "chip.csv", data), "--model", "vteam", "--free", "k_on,k_off")
    told = call(*arguments, "--json")
    assert told.returncode == 0, told.stderr
    content = json.loads(told.stdout)
    assert content["status"] == "poor"
    assert "is above 5 %" in content["cautions"][0]
    assert "Caution: The deviation of" in load_device(tmp_path / "chip-vteam.toml").card.source.note
    assert "Caution: The deviation of" in call(*arguments).stdout


def test_a_good_fit_has_no_caution():
    result = fit_device(load_device("vteam/nominal"), one_amplitude(0, NOISE))
    assert (result.status, result.cautions) == ("ok", ())


def test_voltages_far_from_those_of_the_card_are_a_caution():
    data = one_amplitude(0, NOISE)
    small = Measurement("pulses", "chip", dict(data.columns) | {"voltage": 0.01 * data["voltage"]})
    result = fit_device(load_device("vteam/nominal"), small, ["r_off"])
    assert "largest voltage of the data is 9 mV, that of vteam/nominal 2 V. Are the columns swapped" in result.cautions[-1]


def test_a_loop_is_refused_for_a_model_that_counts_pulses():
    time = np.linspace(0.0, 1e-3, 40)
    voltage = np.sin(2e3 * np.pi * time)
    data = Measurement("iv", "film", {"time": time, "voltage": voltage, "current": voltage / 1e4})
    with pytest.raises(ParameterError, match="counts whole pulses"):
        fit_device(load_device("pulse_step/soft_bounds"), data)


def test_conductances_are_read_at_the_voltage_of_the_measurement():
    # A memdiode conducts as a sinh: read at 0.3 V its conductance is another one than at 0.1 V.
    true = load_device("memdiode/aguirre_rram")
    cells, rows = Cells(true), []
    for volts in [0.6] * 10 + [-0.6] * 10:
        cells.advance(volts, 1e-3)
        rows.append((volts, 1e-3, cells.conductance(0.3)[0], 0.3))
    columns = dict(zip(("voltage", "width", "conductance", "read_voltage"), np.array(rows).T, strict=True))
    plain = Measurement("pulses", "film", {name: columns[name] for name in ("voltage", "width", "conductance")})
    at_default, at_given = (fit_device(true, plain, ["rate_set"], read_voltage=volts) for volts in (None, "300 mV"))
    assert at_given.values[0].value == pytest.approx(true.value("rate_set"), rel=1e-3)
    assert at_given.deviation < 1e-6 < at_default.deviation
    from_column = fit_device(true, Measurement("pulses", "film", columns), ["rate_set"])
    assert from_column.deviation == at_given.deviation
    assert from_column.read_voltage == 0.3


@pytest.mark.parametrize("volts", [0.0, "1 s"])
def test_a_read_voltage_that_reads_nothing_is_refused(volts):
    with pytest.raises(ParameterError, match="read voltage"):
        fit_device(load_device("vteam/nominal"), one_amplitude(0, NOISE), ["k_on"], read_voltage=volts)


def test_a_fit_from_a_card_with_modifiers_writes_a_card_that_loads_and_passes_its_test(call, tmp_path):
    start = modify_device(load_device("vteam/nominal"), [{"kind": "temperature", "ambient": "320 K"}])
    (tmp_path / "warm.toml").write_text(start.to_toml())
    data = write_csv(tmp_path / "chip.csv", pulse_data(load_device("vteam/nominal", **TRUE)))
    done = call("device", "fit", data, "--model", tmp_path / "warm.toml", "--free", "k_on,k_off,r_on,r_off", "--read-voltage",
                "50 mV", "--out", "chip.toml")
    assert done.returncode == 0, done.stderr
    made = load_device(tmp_path / "chip.toml")
    assert [modifier.kind for modifier in made.modifiers] == ["temperature"]
    assert made.value("temperature_ambient") == 320.0
    assert (made.card.params["k_on"].origin, made.modifiers[0].params["ambient"].origin) == ("fitted", "assumed")
    assert dict(made.card.valid) == {"v_min": -1.5, "v_max": 1.3, "v_read_max": 0.2}
    assert sha256(data.read_bytes()) in made.card.source.note
    assert "read at 0.05 V" in made.card.source.note
    checks = check_card(made)
    assert [check.kind for check in checks] == ["current"]
    assert all(check.ok for check in checks)
    assert made.to_toml() == (tmp_path / "chip.toml").read_text()
