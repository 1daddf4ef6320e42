"""The command line: a thin parser; every command lives in :mod:`neurosim.commands` and is imported when called."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from neurosim import __version__
from neurosim.errors import EXIT_INTERRUPTED, EXIT_IO, EXIT_OK, NeurosimError
from neurosim.interrupt import AnsweredInterrupt
from neurosim.kernels.cache_folder import is_cold

EXAMPLES = """examples:
  neurosim run experiments/digits.toml                  train the main job, results in runs/
  neurosim run experiments/digits.toml --set learning.beta=0.2 --set seed=3
  neurosim resume runs/digits-20260101-120000           continue an interrupted run
  neurosim evaluate runs/... --set synapse.read_noise=0.05   a trained run under other nonidealities
  neurosim device list                                  every device card with its source
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(prog="neurosim", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
                                  description="Neuromorphic hardware at device level, learning in place.")
    top.add_argument("--version", action="version", version=f"neurosim {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="run an experiment file")
    run.add_argument("experiment", help="path of an experiment .toml")
    _settings(run)
    run.add_argument("--out", help="run folder (default: runs/NAME-DATE)")
    _run_options(run)

    resume = commands.add_parser("resume", help="continue an interrupted run from its checkpoint")
    resume.add_argument("folder")
    _run_options(resume)

    evaluate = commands.add_parser("evaluate", help="test a trained run again, as it is or under other nonidealities")
    evaluate.add_argument("folder")
    _settings(evaluate)
    evaluate.add_argument("--json", action="store_true", help="one line of JSON")

    plot = commands.add_parser("plot", help="draw the figures of a finished run again")
    plot.add_argument("folder")

    device = commands.add_parser("device", help="device cards: list, show, plot, check, fit, calibrate, certify")
    actions = device.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="all cards: window, voltages, times, read limit, origin, source")
    listing.add_argument("words", nargs="*", metavar="WORD", help="only cards that have every word in name, law or source")
    listing.add_argument("--family", help="memristor, spintronic, circuit, ...")
    listing.add_argument("--model", help="a model such as vteam")
    listing.add_argument("--programmable", action="store_true", help="only synapses: what a crossbar can write")
    listing.add_argument("--sort", choices=("name", "ratio", "speed"), default="name", help="by name, on/off ratio or speed")
    listing.add_argument("--json", action="store_true")
    for name, text in (("show", "parameters, units, origins and validity of a card"), ("check", "run a card's own tests"),
                       ("plot", "I-V loop, pulse train, switching time, retention, noise of a card")):
        action = actions.add_parser(name, help=text)
        action.add_argument("card", help="a card such as vteam/nominal, or a path to your own .toml")
        if name == "plot":
            action.add_argument("--out", default=".", help="folder for the figures")
        else:
            action.add_argument("--json", action="store_true")

    fit = actions.add_parser("fit", help="fit a model to a measured I-V loop or pulse train (CSV) and write its card")
    fit.add_argument("data", help="CSV with time, voltage, current; or with voltage, width, conductance of each pulse")
    fit.add_argument("--model", required=True, help="a model such as vteam, or a card to start from")
    fit.add_argument("--free", help="parameters to fit, for example r_on,k_on (default: all nonzero ones of the noiseless law)")
    fit.add_argument("--read-voltage", help="at which the conductances of a pulse train were read (default: the column "
                     "\"read voltage\", else 0.1 V or the card's limit)")
    fit.add_argument("--out", help="card to write (.toml); its figure is written beside it")
    fit.add_argument("--json", action="store_true", help="one line of JSON")

    calibrate = actions.add_parser("calibrate", help="numbers of a detailed model, cards of simpler ones, figure of agreement")
    calibrate.add_argument("card", help="a card such as macrospin/ikeda2010, or a path to your own .toml")
    calibrate.add_argument("--out", required=True, help="folder for the cards and the figure")
    calibrate.add_argument("--seed", type=int, default=1, help="of the simulated points (1)")
    calibrate.add_argument("--json", action="store_true", help="one line of JSON")

    certify = actions.add_parser("certify", help="is a neuron's coupled motion the gradient flow that it declares?")
    certify.add_argument("card", help="a neuron's card such as hard_axis_mtj/nominal, or a path to your own .toml")
    certify.add_argument("--form", default="", help="another form of the model, for example llg")
    for option, kind, default, text in (
            ("neurons", int, 8, "of each network"), ("networks", int, 3, "random symmetric networks"),
            ("norm", float, 0.5, "coupling norm, below 1"), ("spread", float, 0.1, "relative spread of stiffness and gain"),
            ("asymmetry", float, 0.0, "relative difference of a coupling's two directions"), ("seed", int, 1, "of every draw")):
        certify.add_argument(f"--{option}", type=kind, default=default, help=f"{text} ({default})")
    certify.add_argument("--sweep", action="append", default=[], metavar="PARAMETER",
                         help="also measure what this parameter does, from 0 on (those that the model names always are)")
    _figure_options(certify)

    sweep = commands.add_parser("iv", help="current-voltage loop of a card")
    sweep.add_argument("card", help="a card such as vteam/nominal, or a path to your own .toml")
    sweep.add_argument("--amplitude", default="1.2 V", help="peak of the triangle, for example \"1.2 V\" (the default)")
    sweep.add_argument("--period", default="20 us", help="length of one cycle, for example \"20 us\" (the default)")
    sweep.add_argument("--cycles", type=int, default=2, help="number of cycles (2)")
    _figure_options(sweep)

    pulses = commands.add_parser("pulses", help="conductance under a train of identical pulses")
    pulses.add_argument("card", help="a card such as vteam/nominal, or a path to your own .toml")
    pulses.add_argument("--amplitude", help="pulse voltage, for example \"0.9 V\"; from the card where it is left out")
    pulses.add_argument("--width", help="pulse width, for example \"100 ns\"; 2 %% of the window where it is left out")
    pulses.add_argument("--number", type=int, default=50, help="pulses in each direction")
    _figure_options(pulses)

    doctor = commands.add_parser("doctor", help="check the installation")
    doctor.add_argument("--compile", action="store_true", help="compile everything now, on all processors: a few minutes")
    doctor.add_argument("--json", action="store_true")
    return top


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the process exit code; errors are one clear line on standard error."""
    options = parser().parse_args(arguments)
    module = {"iv": "measure", "pulses": "measure", "resume": "run", "plot": "run"}.get(options.command, options.command)
    name = options.command
    if options.command == "device":
        own = {"fit": "fit", "calibrate": "calibrate", "certify": "certify", "list": "device_list"}
        module = own.get(options.action, "device")
        name = f"device_{options.action}"
    if options.command not in ("doctor", "plot") and is_cold():
        print("neurosim: compiling kernels, only this once: about half a minute", file=sys.stderr, flush=True)
    try:
        with _plain_warnings():
            return getattr(importlib.import_module(f"neurosim.commands.{module}"), name)(options) or EXIT_OK
    except NeurosimError as error:
        print(f"neurosim: {error}", file=sys.stderr)
        _print_failure(options, "interrupted" if error.exit_code == EXIT_INTERRUPTED else "failed", str(error))
        return error.exit_code
    except KeyboardInterrupt as stop:
        if not isinstance(stop, AnsweredInterrupt):
            print("neurosim: interrupted.", file=sys.stderr)
        _print_failure(options, "interrupted", "interrupted.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except OSError as error:
        print(f"neurosim: {error.filename or ''}: {error.strerror or error}.", file=sys.stderr)
        return EXIT_IO


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show warnings as one line for people, without file and line of our code."""
    before = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"neurosim: caution: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = before


def _print_failure(options: argparse.Namespace, status: str, error: str) -> None:
    if getattr(options, "json", False):
        print(json.dumps({"status": status, "error": error}), flush=True)


def _settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides",
                         help="override any key, for example learning.beta=0.2")


def _run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="end with one line of JSON on standard output")
    command.add_argument("--no-figures", action="store_true", help="do not draw figures")


def _figure_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", help="write the figure to this .png")
    command.add_argument("--json", action="store_true", help="one line of JSON")
