"""``neurosim iv`` and ``neurosim pulses``: measure one device as a laboratory would."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from neurosim.characterise import iv_sweep, pulse_metrics, pulse_response
from neurosim.library import load_device
from neurosim.units import format_quantity
from neurosim.waveform import Triangle


def iv(options: argparse.Namespace) -> None:
    """Measure a current-voltage loop."""
    device = load_device(options.card)
    loop = iv_sweep(device, Triangle(options.amplitude, period=options.period, cycles=options.cycles))
    if options.out:
        from neurosim.plot import device as plot
        from neurosim.plot import style

        style.save(plot.iv(loop), Path(options.out))
        print(options.out)
    if options.json:
        print(json.dumps({"voltage": loop.voltage.tolist(), "current": loop.current.tolist(), "time": loop.time.tolist()}))
    elif not options.out:
        print(f"{device.name}: {loop.current.size} points, current from {format_quantity(loop.current.min(), 'A')} to "
              f"{format_quantity(loop.current.max(), 'A')}. Give --out loop.png for the figure or --json for the data.")


def pulses(options: argparse.Namespace) -> None:
    """Measure conductances under a pulse train."""
    device = load_device(options.card)
    train = pulse_response(device, options.amplitude, options.width, options.number, options.number)
    if options.out:
        from neurosim.plot import device as plot
        from neurosim.plot import style

        style.save(plot.pulses(train), Path(options.out))
        print(options.out)
    if options.json:
        figures = pulse_metrics(train).as_dict() if options.number > 1 else {}
        print(json.dumps({"conductance": train.conductance.tolist(), "metrics": figures}))
    elif not options.out:
        g = train.conductance
        print(f"{device.name}: conductance from {format_quantity(g.min(), 'S')} to {format_quantity(g.max(), 'S')} over "
              f"{g.size} reads. Give --out train.png for the figure or --json for the data.")
