"""From a configuration to objects: data as line voltages, the network with its first weights, the trainer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from neurosim import datasets
from neurosim.card import Device
from neurosim.config import Config
from neurosim.crossbar_spec import Crossbar
from neurosim.errors import ParameterError
from neurosim.idle_options import idle_sentences
from neurosim.kernels.rng import stream_key
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.estimators import EqProp
from neurosim.learning.outer_product import OuterProduct
from neurosim.learning.programmers import DevicePulses, Ideal, WriteVerify
from neurosim.learning.trainer import Schedule, Trainer
from neurosim.library import load_device
from neurosim.modifiers.compose import modify_device
from neurosim.network import Inputs, Network, Neurons
from neurosim.population import nominal_params
from neurosim.read_disturb import refuse_read_disturb
from neurosim.rest import SettleOptions

USUAL_READ = 0.2  # V


@dataclass(frozen=True)
class Experiment:
    """Everything a run needs.

    Attributes
    ----------
    train_voltage, test_voltage : ndarray, shape (n_samples, n_inputs)
        Input line voltages [V]; ``test`` is the validation part when the configuration asks for it.
    clipped_inputs : float
        Fraction of test voltages clipped to +-v_read.
    clipped_weights : int
        First weights clipped to the conductance window.
    warnings : tuple of str
        What was warned of while devices and network were built.
    idle : tuple of str
        One sentence for each choice that leaves options of the configuration without effect.
    """

    config: Config
    data: datasets.Dataset
    network: Network
    trainer: Trainer
    train_voltage: np.ndarray
    test_voltage: np.ndarray
    test_labels: np.ndarray
    clipped_inputs: float
    clipped_weights: int = 0
    warnings: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def build(config: Config) -> Experiment:
    """Build data, network and trainer of an experiment; the same configuration gives the same bits."""
    with _kept_warnings() as told:
        built = _build(config)
    return replace(built, warnings=tuple(dict.fromkeys(told)), idle=tuple(idle_sentences(config)))


@contextmanager
def _kept_warnings() -> Iterator[list[str]]:
    """Give a list that holds the texts of all runtime warnings of the block at its end; they are issued as well."""
    told: list[str] = []
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield told
    finally:
        told += [str(item.message) for item in caught if issubclass(item.category, RuntimeWarning)]
        for item in caught:
            warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)


def _build(config: Config) -> Experiment:
    data = datasets.load(config.data.name, config.data.split, **config.data.options,
                         **({"validation": True} if config.data.validation else {}))
    test_x, test_y = (data.validation_x, data.validation_y) if config.data.validation else (data.test_x, data.test_y)
    network = build_network(config, data.train_x.shape[1], data.n_classes)
    train_voltage, test_voltage, clipped = encode(data.train_x, test_x, network.synapse.v_read)
    clipped_weights = form_weights(network, config)
    refuse_read_disturb(network, config)
    lowest, highest = network.output_range()
    middle, reach = 0.5 * (highest + lowest), 0.5 * (highest - lowest) * config.network.target
    targets = np.full((data.n_classes, data.n_classes), middle - reach)
    np.fill_diagonal(targets, middle + reach)
    learning = config.learning
    trainer = Trainer(
        network, EqProp(learning.estimator, learning.beta, learning.nudging), build_programmer(config),
        Accumulator(**learning.accumulator.model_dump()), train_voltage, np.asarray(data.train_y), targets,
        config.training.rate, config.training.epochs, Schedule(config.training.schedule, config.training.final_rate),
        config.neuron.reset_time)
    return Experiment(config, data, network, trainer, train_voltage, test_voltage, np.asarray(test_y), clipped,
                      clipped_weights)


def encode(train: np.ndarray, test: np.ndarray, v_read: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return line voltages [V] of training and test data, and the clipped fraction of the latter.

    Each input is centred with its training mean; one common scale puts the largest training value at ``v_read``.
    """
    mean = train.mean(axis=0)
    largest = np.abs(train - mean).max()
    scale = v_read / largest if largest > 0 else v_read
    voltage = (test - mean) * scale
    return (train - mean) * scale, np.clip(voltage, -v_read, v_read), float(np.mean(np.abs(voltage) > v_read * (1 + 1e-12)))


def build_network(config: Config, n_inputs: int, n_outputs: int) -> Network:
    """Return the network of a configuration, with fresh devices."""
    spreads = config.scaled_nonidealities()
    form = {"form": config.neuron.form} if config.neuron.form else {}
    sigma = {name: spreads.pop(name) for name in ("sigma_stiffness", "sigma_gain")}
    synapse, v_read = load_device(config.synapse.card, **config.synapse.params), config.synapse.v_read
    synapse = modify_device(synapse, [table.given() for table in config.synapse.modifiers])
    if v_read == "card":
        v_read = highest_read(synapse)
    crossbar = Crossbar(device=synapse, v_read=v_read, read_time=config.synapse.read_time, **spreads)
    neuron = load_device(config.neuron.card, **form, **config.neuron.params)
    neuron = with_current_gain(neuron, config.neuron.current_gain, crossbar.nominal_window())
    sizes = [*config.network.hidden, n_outputs]
    names = [f"hidden {k + 1}" if len(sizes) > 2 else "hidden" for k in range(len(sizes) - 1)] + ["output"]
    layers: list[Inputs | Neurons] = [Inputs(n_inputs)]
    layers += [Neurons(size, neuron, name=name, **sigma) for size, name in zip(sizes, names, strict=True)]
    return Network(layers, crossbar, seed=config.seed, options=SettleOptions(**config.settle.model_dump()))


def highest_read(synapse: Device) -> float:
    """Return the read voltage [V] that follows from a card: the usual one, or less where the card allows less."""
    valid = synapse.card.valid
    limits = (USUAL_READ, synapse.v_read_max, valid.get("v_max", USUAL_READ), -valid.get("v_min", -USUAL_READ))
    return float(np.fmin.reduce(limits))


def with_current_gain(neuron: Device, gain: float | str, window: tuple[float, float]) -> Device:
    """Return the neuron behind a current amplifier, see :class:`neurosim.config.NeuronSection`; ``window`` in siemens."""
    if "gain" not in neuron.model.handles:
        raise ParameterError(f"{neuron.name}: this model has no gain that a current amplifier could change.")
    if gain == "matched":
        out, slope = np.empty((1, 1)), np.empty((1, 1))
        neuron.model.require("activation")(np.zeros((1, 1)), nominal_params(neuron), out, slope, 0, 1)
        matched = 0.5 / (slope[0, 0] * (window[1] - window[0]))
        gain = 1.0 if abs(matched - 1.0) < 1e-12 else matched
    handle = neuron.model.handles["gain"]
    return neuron.override(**{name: neuron.value(name) * float(gain) ** handle.power for name in handle.params})


def form_weights(network: Network, config: Config) -> int:
    """Put the devices into their first state and return how many weights were clipped to the conductance window.

    Weights are Glorot-uniform, biases zero, ``output_bias`` at the outputs.
    A weight of one changes the activation (V / V_ref) by one per unit line, a unit line being v_read or V_ref.
    """
    low, high = network.synapse.nominal_window()
    swing, v_read, last = network.output_swing(), network.synapse.v_read, len(network.crossbars) - 1
    clipped = 0
    for k, crossbar in enumerate(network.crossbars):
        key = stream_key(config.seed, "network", 0, f"{crossbar.name}/first weights")
        uniform = np.random.Generator(np.random.Philox(key=key)).uniform(-1, 1, (crossbar.n_rows, crossbar.n_targets))
        weights = config.network.init_gain[k] * np.sqrt(6 / (crossbar.n_sources + crossbar.n_targets)) * uniform
        weights *= swing / v_read if k == 0 else 1.0
        weights[-1] = config.network.output_bias * swing / v_read if k == last else 0.0
        crossbar.form(weights * network.g0, low, high)
        clipped += int(np.count_nonzero(np.abs(weights * network.g0) > (high - low) * (1 + 1e-12)))
    return clipped


def build_programmer(config: Config) -> DevicePulses | WriteVerify | OuterProduct | Ideal:
    """Return the programmer that the configuration names."""
    learning = config.learning
    amplitude = None if learning.amplitude == "card" else learning.amplitude
    pulses = DevicePulses(amplitude, learning.pulse_levels, learning.step_max,
                          trains=learning.programmer == "pulse_step", name=learning.programmer)
    if learning.programmer == "ideal":
        return Ideal()
    if learning.programmer == "write_verify":
        return WriteVerify(pulses, learning.verify_budget, learning.verify_tolerance,
                           config.scaled_nonidealities()["read_noise"], learning.verify_reads, learning.verify_read_time)
    if learning.programmer == "outer_product":
        return OuterProduct(amplitude, learning.coincidence_bits, learning.step_max)
    return pulses
