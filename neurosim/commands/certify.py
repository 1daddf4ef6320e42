"""``neurosim device certify``: whether a neuron's coupled motion is the gradient flow it declares, and what breaks it."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from neurosim.certify import Certificate, Setup, certify
from neurosim.commands.run import print_json
from neurosim.errors import EXIT_FAILED_RUN, EXIT_OK
from neurosim.library import load_device


def device_certify(options: argparse.Namespace) -> int:
    """Print the certificate of a card; exit code 1 where a declared potential does not hold."""
    device = load_device(options.card, **({"form": options.form} if options.form else {}))
    setup = Setup(options.neurons, options.networks, options.norm, options.spread, options.asymmetry, options.seed)
    result = certify(device, setup, extra=options.sweep)
    if options.out:
        from neurosim.plot import style
        from neurosim.plot.certificate import certificate as draw

        style.save(draw(result), options.out)
    if options.json:
        print_json({**result.as_dict(), "figure": options.out})
    else:
        _print(result)
        if options.out:
            print(f"Written: {options.out}")
    return EXIT_OK if result.ok else EXIT_FAILED_RUN


def _print(result: Certificate) -> None:
    setup, console = result.setup, Console(highlight=False)
    print(f"{result.name}: {setup.networks} random networks of {setup.neurons} neurons, coupling norm {setup.norm:g}, "
          f"spread {setup.spread:g}, asymmetry {setup.asymmetry:g}, seed {setup.seed}")
    marks = {True: "ok  ", False: "FAIL", None: "    "}
    for verdict in result.verdicts:
        print(f"{marks[verdict.ok]}  {verdict.claim + ':':15}{verdict.text}")
    for name, points in result.sweeps.items():
        title = "Couplings of both directions differ by +-" if name == "asymmetry" else f"Parameter {name}"
        table = Table(title=title, title_justify="left")
        for heading in (name, "cosine to the true gradient", "error of the gradient", "rise of L", "rest"):
            table.add_column(heading, justify="right")
        for point in points:
            table.add_row(f"{point.value:.3g}", f"{point.cosine:.6f}", f"{point.error:.2g}", f"{point.rise:.1g}",
                          "yes" if point.rested else "no")
        console.print(table)
    told = {"certified": "Certified: a gradient flow, on which equilibrium propagation finds the gradient.",
            "energy_certified": "Certified as a gradient flow; there is no gradient to learn by.",
            "failed": "Not certified: a declared potential does not hold.",
            "not_certified": "Not certified: no gradient flow is declared."}
    print(told[result.status])
