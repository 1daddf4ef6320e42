"""Main job on synapse cards of different families: one experiment file, only the card changes.

Question: which kind of synapse learns the digits in place, at what energy and in what time?
Command:  python experiments/benchmarks/cards.py [--epochs 5] [--seeds 2] [--cards CARD ...] [--json FILE]
Time:     half a minute to ten minutes per card and seed; finished ones are kept in the JSON file and not run again.
Expected: see experiments/README.md. Voltages, current gain and pulse widths follow from each card; no setting is tuned to one.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
import warnings
from pathlib import Path

import neurosim
from neurosim.config import load_config
from neurosim.experiment import build
from neurosim.learning.evaluate import evaluate

EXPERIMENT = Path(__file__).parents[1] / "digits.toml"
CARDS = ("vteam/nominal", "yakopcic/oblea_pulsed", "two_state/memdiode_rram", "gap/sky130", "ion_gate/tang2018",
         "floating_gate/lenzlinger1969", "ferroelectric_tunnel/hzo_deng2020", "pershin/biolek2013", "pulse_step/capacitor",
         "pulse_step/hzo_fefet", "pulse_step/epiram", "pulse_step/reram_sb", "jart_vcm/bengel2020")


def measure(card: str, epochs: int, seed: int) -> dict[str, float]:
    """Train one network and return what the table needs."""
    config = load_config(EXPERIMENT, [f"synapse.card={card}", f"training.epochs={epochs}", f"seed={seed}"])
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spreads that a model has no parameter for
        experiment = build(config)
    experiment.trainer.fit()
    result = evaluate(experiment.network, experiment.test_voltage, experiment.test_labels)
    history = experiment.trainer.history
    samples = sum(epoch["samples"] for epoch in history)
    nominal = experiment.trainer.nominal
    return {"accuracy": result.accuracy, "v_raise": nominal.v_raise, "v_lower": nominal.v_lower,
            "norm": max(epoch["largest_norm"] for epoch in history),
            "unsettled": sum(epoch["unsettled_phases"] for epoch in history),
            "program_energy": sum(epoch["program_energy"] for epoch in history) / samples,
            "read_energy": sum(epoch["free_energy"] + epoch["nudge_energy"] for epoch in history) / samples,
            "program_time": sum(epoch["program_time"] for epoch in history) / samples,
            "pulses": sum(epoch["pulses"] for epoch in history) / samples, "wall": time.perf_counter() - began}


def main() -> None:
    """Run the cards and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--cards", nargs="*", default=list(CARDS))
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args()
    kept = json.loads(options.json.read_text()) if options.json and options.json.exists() else {}
    print(f"neurosim {neurosim.__version__}, Python {platform.python_version()}, {platform.machine()}; {options.epochs} "
          f"epochs, median of {options.seeds} seeds")
    for card in options.cards:
        rows = []
        for seed in range(options.seeds):
            key = f"{card}/{options.epochs}/{seed}"
            if key not in kept:
                kept[key] = measure(card, options.epochs, seed)
                if options.json:
                    options.json.parent.mkdir(parents=True, exist_ok=True)
                    options.json.write_text(json.dumps(kept, indent=1))
            rows.append(kept[key])
        middle = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
        print(f"{card:34s} {100 * middle['accuracy']:5.1f} %  pulses {middle['v_raise']:+.3g} / {middle['v_lower']:+.3g} V"
              f"  {middle['pulses']:6.1f} per sample  program {middle['program_energy']:.2g} J, {middle['program_time']:.2g} s"
              f"  read {middle['read_energy']:.2g} J  norm {middle['norm']:.2f}  unsettled {middle['unsettled']:.0f}"
              f"  wall {middle['wall']:.0f} s", flush=True)


if __name__ == "__main__":
    main()
