"""Simulated records that the tests of fitting share: the truth is known."""

import numpy as np

from neurosim.characterise import iv_sweep
from neurosim.characterise.cells import Cells
from neurosim.fitting import Measurement
from neurosim.library import load_device
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


def one_amplitude(seed, noise):
    """Return 60 rows of a train that knows +-0.9 V only, from a device that differs from the nominal card."""
    kind, columns = pulse_record(load_device("vteam/nominal", **TRUE), *[(volts, 1e-7, 15) for volts in (-0.9, 0.9) * 2])
    ripple = 1 + noise * np.random.default_rng(seed).standard_normal(columns["conductance"].size)
    return Measurement(kind, "chip", columns | {"conductance": columns["conductance"] * ripple})


def write_csv(path, data):
    """Write a measurement with SI units in its header and return the path."""
    units = {"time": "s", "voltage": "V", "current": "A", "width": "s", "conductance": "S"}
    lines = [",".join(f"{name} ({units[name]})" for name in data.columns)]
    lines += [",".join(map(repr, row)) for row in zip(*(column.tolist() for column in data.columns.values()), strict=True)]
    path.write_text("\n".join(lines))
    return path
