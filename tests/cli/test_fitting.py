"""Fitting recovers known parameters from simulated, noisy data; files are read as instruments write them."""

import json

import numpy as np
import pytest

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

TRUE = {"r_on": 15e3, "r_off": 120e3, "k_off": 4e5, "k_on": -2e5, "v_off": 0.42, "v_on": -0.6}
SCHEDULE = ((-0.9, 30), (0.7, 30), (-1.2, 10), (1.0, 12), (-1.5, 4), (1.3, 4), (-0.8, 40), (0.6, 40))
NOISE = 0.005


def pulse_data(device, noise=NOISE, seed=0):
    """Return voltage, width, conductance of a varied pulse schedule with relative read noise."""
    cells, rows = Cells(device), []
    rows.append((0.0, 0.0, cells.conductance(0.1)[0]))
    for volts, count in SCHEDULE:
        width = 1e-6 if abs(volts) < 1.0 else 1e-7
        for _ in range(count):
            cells.advance(volts, width)
            rows.append((volts, width, cells.conductance(0.1)[0]))
    voltage, width, g = np.array(rows).T
    g = g * (1 + noise * np.random.default_rng(seed).standard_normal(g.size))
    return Measurement("pulses", "simulated", {"voltage": voltage, "width": width, "conductance": g})


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


def test_what_the_data_never_touch_is_not_identified():
    data = pulse_data(load_device("vteam/nominal", **TRUE))
    only_up = data["voltage"] <= 0.0
    stop = int(np.argmin(only_up))  # the first 30 pulses all lower the resistance: nothing is said about k_off, v_off
    part = Measurement("pulses", "simulated", {name: column[:stop] for name, column in data.columns.items()})
    result = fit_device(load_device("vteam/nominal"), part, ["k_on", "k_off"])
    values = {value.name: value for value in result.values}
    assert values["k_on"].identified
    assert not values["k_off"].identified
    assert "do not depend" in values["k_off"].why
    assert values["k_off"].value == load_device("vteam/nominal").value("k_off")  # what was assumed, not where a search ended


def unmoved_by(volts, seed, noise=NOISE):
    """Return pulses that raise, then pulses below a threshold of 1.5 V that do nothing."""
    device = load_device("vteam/nominal", x=0.9, v_off=1.5)
    kind, columns = pulse_record(device, (-0.9, 1e-7, 15), (volts, 1e-7, 15))
    ripple = 1 + noise * np.random.default_rng(seed).standard_normal(30)
    return Measurement(kind, "chip", columns | {"conductance": columns["conductance"] * ripple})


def test_an_end_of_the_window_that_one_noisy_row_sets_has_no_interval():
    # The largest conductance is no end: the state can be stretched, with the end of the window and the rates following.
    kind, columns = pulse_record(load_device("vteam/nominal", **TRUE), (-0.75, 6e-8, 10), (-1.15, 9e-8, 10), (1.0, 5e-7, 10),
                                 (-1.3, 1e-7, 10))
    for seed in range(3):
        ripple = 1 + NOISE * np.random.default_rng(seed).standard_normal(40)
        data = Measurement(kind, "chip", columns | {"conductance": columns["conductance"] * ripple})
        values = {value.name: value for value in fit_device(load_device("vteam/nominal"), data).values}
        assert not values["r_on"].identified
        assert values["r_on"].low == -np.inf


@pytest.mark.parametrize(("volts", "noise"), [(0.6, NOISE), (0.9, NOISE), (1.2, NOISE), (0.6, 0.0), (1.2, 0.0)])
def test_a_threshold_that_the_data_never_reach_has_no_interval(volts, noise):
    # The noise has a best threshold somewhere below the largest voltage, but any above it does as well.
    for seed in range(3):
        result = fit_device(load_device("vteam/nominal"), unmoved_by(volts, seed, noise), ["k_on", "v_off"])
        values = {value.name: value for value in result.values}
        assert not values["v_off"].identified
        assert values["v_off"].high == np.inf
        assert values["v_off"].value < 1.1 * volts  # as near to the card's 0.5 V as the data allow
        assert values["k_on"].identified


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


def one_amplitude(seed, noise):
    """Return 60 rows of a train that knows +-0.9 V only, from a device that differs from the nominal card."""
    kind, columns = pulse_record(load_device("vteam/nominal", **TRUE), *[(volts, 1e-7, 15) for volts in (-0.9, 0.9) * 2])
    ripple = 1 + noise * np.random.default_rng(seed).standard_normal(columns["conductance"].size)
    return Measurement(kind, "chip", columns | {"conductance": columns["conductance"] * ripple})


@pytest.mark.parametrize("noise", [0.0, NOISE])
def test_one_amplitude_fixes_no_threshold_and_says_so_without_an_interval(noise):
    result = fit_device(load_device("vteam/nominal"), one_amplitude(0, noise))
    values = {value.name: value for value in result.values}
    truth = load_device("vteam/nominal", **TRUE)
    for value in result.values:
        if value.identified:
            assert value.low - 2 * (value.high - value.low) < truth.value(value.name) < 3 * value.high - 2 * value.low, value
        else:
            assert (value.low, value.high) == (-np.inf, np.inf)
    assert not any(values[name].identified for name in ("r_on", "v_off", "k_off", "alpha_off", "v_on", "k_on", "alpha_on"))


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


@pytest.mark.parametrize("text", [
    "voltage (V),width (us),conductance (uS)\n" + "\n".join(f"1,2,{10 + k}" for k in range(10)),
    "Keithley 4200\nOperator;nobody\npulse;voltage;width;conductance\n;(V);(us);(uS)\n"
    + "\n".join(f"{k};1,0;2,0;{10 + k},0" for k in range(10)),
    "V\tpulse width [us]\tResistance (kohm)\n" + "\n".join(f"1\t2\t{1e3 / (10 + k)!r}" for k in range(10)),
    '"voltage_V","width_us","conductance_uS"\n' + "\n".join(f'"1","2","{10 + k}"' for k in range(10)) + "\n\n",
])
def test_files_are_read_as_instruments_write_them(tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_text(text)
    data = read_measurement(path)
    assert data.kind == "pulses"
    np.testing.assert_allclose(data["conductance"], (10 + np.arange(10)) * 1e-6, rtol=1e-12)
    np.testing.assert_allclose(data["width"], 2e-6, rtol=1e-12)


ROWS = [f"{k}e-6,{0.1 * k},{1e-6 * k}" for k in range(12)]


@pytest.mark.parametrize(("text", "said"), [
    ("", "no header"),
    ("a,b,c\n1,2,3", "no header"),
    ("\n".join(["time,voltage,current", *ROWS[:5], "", *ROWS[5:]]), "line 7 is empty"),
    ("\n".join(["time,voltage,current", *ROWS[:5], "6e-6,nan,1", *ROWS[7:]]), "line 7, voltage"),
    ("\n".join(["time,voltage,current", *ROWS[:5], "6e-6,x,1", *ROWS[7:]]), "line 7, voltage"),
    ("\n".join(["time,voltage,current", *ROWS[:5]]), "5 rows"),
    ("\n".join(["voltage,time,current", *[f"{(-1) ** k},{k % 3},1" for k in range(12)]]), "swapped"),
    ("\n".join(["time (V),voltage,current", *ROWS]), "column time"),
    ("\n".join(["time,voltage,voltage,current", *[row + ",1" for row in ROWS]]), "twice"),
    ("\n".join(["voltage,width,conductance", *[f"1,1e-6,{-1e-6 * k}" for k in range(12)]]), "line 2: conductance"),
    ("\n".join(["time,voltage,current", *[f"{k}e-6,{1e-5 * k},{0.1 * k}" for k in range(12)]]), "swapped, or is the unit"),
    ("\n".join(["time,voltage,current", *[f"{k}e-6,{0.1 * k},0" for k in range(12)]]), "zero in every row"),
    ("\n".join(["time,voltage,current", *[f"{k}e-6,{0.1 * k},{-1e-6 * k}" for k in range(12)]]), "against the voltage"),
    ("\n".join(["time,voltage,current", *[f"{k},0e-6,0,{k},1,0e-6" for k in range(12)]]), "line 2 has 6 cells.*decimal commas"),
    ("\n".join(["voltage,width,conductance", *["1e-6,1,1e-5" for _ in range(12)]]), "swapped"),
    ("\n".join(["voltage,width,conductance", *["1,0,1e-5" for _ in range(12)]]), "no pulse"),
    ("\n".join(["voltage,width,conductance", *[f"1,{10 + k}e-6,1e-7" for k in range(12)]]), "never changes.*swapped"),
    ("\n".join(["voltage,width,conductance,Vread", *[f"1,1e-6,{10 + k}e-6,0" for k in range(12)]]), "read voltage of 0 V"),
    ("\n".join(["voltage,width,conductance", *["1,-1e-6,1e-5" for _ in range(12)]]), "line 2: a pulse width"),
    ("\n".join(["voltage,width,conductance", *["2000,1e-6,1e-5" for _ in range(12)]]), "2000 V"),
])
def test_a_bad_file_is_named_with_line_and_column(tmp_path, text, said):
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        read_measurement(path)


@pytest.mark.parametrize(("kind", "change", "said"), [
    ("iv", {"current": np.r_[np.linspace(0, 1e-5, 11), np.nan]}, "row 12: current is not finite"),
    ("iv", {"current": np.linspace(0, 1e-5, 11)}, "shapes"),
    ("iv", {"time": np.zeros(12)}, "row 2: time"),
    ("loop", {}, "allowed are iv, pulses"),
    ("pulses", {}, "needs the column width"),
])
def test_data_from_python_are_checked_like_files(kind, change, said):
    columns = {"time": np.arange(12.0), "voltage": np.linspace(0, 1, 12), "current": np.linspace(0, 1e-5, 12)}
    with pytest.raises(DataError, match=said):
        Measurement(kind, "mine", columns | change)


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


def test_two_values_of_which_only_one_combination_is_seen_are_not_identified():
    # A loop that ends fully ON says nothing about the OFF resistance apart from the mobility that goes with it.
    true = load_device("linear_ion_drift/biolek2009", r_on=150.0, r_off=12e3, mobility=1.5e-14, x=0.3)
    loop = iv_sweep(true, Triangle(1.0, period=1.0, cycles=2), steps=800)
    noise = 1 + 0.01 * np.random.default_rng(4).standard_normal(loop.current.size)
    columns = {"time": loop.time, "voltage": loop.voltage, "current": loop.current * noise}
    data = Measurement("iv", "film", {name: values[::4] for name, values in columns.items()})
    result = fit_device(load_device("linear_ion_drift/biolek2009"), data, ["r_on", "r_off", "mobility"])
    values = {value.name: value for value in result.values}
    assert result.deviation < 0.02
    assert values["r_on"].identified
    assert values["r_on"].value == pytest.approx(150.0, rel=0.02)
    assert not values["r_off"].identified
    assert not values["mobility"].identified


def iv_record(device, amplitude, period):
    loop = iv_sweep(device, Triangle(amplitude, period=period, cycles=2), steps=1600)
    return "iv", {"time": loop.time[::8], "voltage": loop.voltage[::8], "current": loop.current[::8]}


def pulse_record(device, *plan):
    cells, rows = Cells(device), []
    for volts, width, count in plan:
        for _ in range(count):
            cells.advance(volts, width)
            rows.append((volts, width, cells.conductance(0.1)[0]))
    return "pulses", dict(zip(("voltage", "width", "conductance"), np.array(rows).T, strict=True))


FAMILIES = {
    "two_state_merz/nominal": ({"g_on": 2e-5, "v_plus": 13.0, "v_minus": -17.0}, pulse_record,
                               ((1.5, 2e-6, 15), (-1.5, 3e-6, 15), (2.2, 2e-7, 10), (-2.2, 4e-7, 10), (1.2, 5e-5, 10),
                                (-1.2, 4e-4, 10))),
    "yakopcic/oblea_sine": ({"speed_p": 3000.0, "v_p": 0.2, "scale_p": 0.2, "scale_n": 0.15}, iv_record, (0.45, 0.02)),
    "wox/chang2011": ({"growth": 0.03, "eta": 3.5, "decay": 0.8, "gamma": 6e-6}, iv_record, (1.2, 4.0)),
    "memdiode/aguirre_rram": ({"i_max": 2e-3, "v_set": 0.1, "v_reset": 0.17}, iv_record, (1.3, 2.0)),
    "pershin/biolek2013": ({"beta": 2e13, "v_off": 4.2, "v_on": -4.9, "r_off": 8e3}, iv_record, (6.0, 2e-8)),
    "pulse_step/soft_bounds": ({"up_low": 0.03, "down_high": 0.015, "g_max": 9e-5}, pulse_record,
                               ((0.9, 1e-7, 60), (-0.9, 1e-7, 60))),
}
REPEATS = 20


@pytest.mark.slow
@pytest.mark.parametrize("card", FAMILIES)
def test_intervals_contain_the_truth_as_often_as_they_say(card):
    truth, record, arguments = FAMILIES[card]
    kind, clean = record(load_device(card, **truth), *arguments)
    measured = "current" if kind == "iv" else "conductance"
    y, inside = clean[measured], []
    spread = 0.01 * y if kind == "pulses" else 0.5 * np.hypot(0.02 * y, 0.002 * np.abs(y).max())  # that of the residuals
    for seed in range(REPEATS):
        noisy = y + spread * np.random.default_rng(100 + seed).standard_normal(y.size)
        result = fit_device(load_device(card), Measurement(kind, card, clean | {measured: noisy}), list(truth))
        assert result.deviation == pytest.approx(0.01, rel=0.3)
        values = [value for value in result.values if value.name in truth]
        assert all(value.identified for value in values)
        inside.append([value.low <= truth[value.name] <= value.high for value in values])
    # 95 % of 20: fewer than 15 has a probability of 3e-4 for each value.
    assert np.all(np.sum(inside, axis=0) >= 15)


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


def write_csv(path, data):
    """Write a measurement with SI units in its header and return the path."""
    units = {"time": "s", "voltage": "V", "current": "A", "width": "s", "conductance": "S"}
    lines = [",".join(f"{name} ({units[name]})" for name in data.columns)]
    lines += [",".join(map(repr, row)) for row in zip(*(column.tolist() for column in data.columns.values()), strict=True)]
    path.write_text("\n".join(lines))
    return path


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_encodings_of_instruments_are_read(tmp_path, encoding):
    text = "time (s);voltage (V);current (\N{MICRO SIGN}A)\n" + "\n".join(f"{k};{0.1 * k};{k}" for k in range(12))
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "loop.csv").write_bytes((mark + text).encode(encoding))
    np.testing.assert_allclose(read_measurement(tmp_path / "loop.csv")["current"], 1e-6 * np.arange(12), rtol=1e-12)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04\x00\x00\x08\x00")
    with pytest.raises(DataError, match="not a text file"):
        read_measurement(tmp_path / "book.csv")


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
