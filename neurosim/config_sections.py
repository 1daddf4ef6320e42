"""The tables of an experiment file, their keys, defaults and ranges."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from neurosim.config_values import LARGEST_WEIGHT, CardValue, Fraction, Section, Spread, VoltOrCard, in_unit, or_word, without
from neurosim.modifiers.schema import ModifierTable


class DataSection(Section):
    """Which data, which split; ``validation`` trains without the last training writers and tests on those."""

    name: str = "digits"
    split: str = ""
    validation: bool = False
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("options")
    @classmethod
    def _own_keys_elsewhere(cls, options: dict[str, Any]) -> dict[str, Any]:
        return without(options, "data.options", ("split", "validation"), "data")


class NetworkSection(Section):
    """Layer sizes and the start of learning.

    ``target`` is the wanted output of the right class, and minus that of the others, as a fraction of half the range of outputs
    around its middle; ``init_gain`` the Glorot gain of each crossbar in units of the activation per unit line, ``output_bias``
    the first bias of the outputs in the same units.
    """

    hidden: list[Annotated[int, Field(ge=1, le=20_000)]] = Field(default=[96])
    target: Annotated[float, in_unit(""), Field(gt=0, le=1)] = 0.5
    init_gain: list[Annotated[float, in_unit(""), Field(ge=0, le=LARGEST_WEIGHT)]] = Field(default=[2.0, 0.3])
    output_bias: Annotated[float, in_unit(""), Field(ge=-LARGEST_WEIGHT, le=LARGEST_WEIGHT)] = -0.4


class NeuronSection(Section):
    """Card of all neurons, its form ("" for the card's own, "llg" for the full twin), overrides, and their spread.

    ``current_gain`` multiplies the current that the lines bring to every neuron. "matched": the full output voltage across the
    whole conductance window of a nominal synapse gives half of the neuron's saturation current, whatever the synapse card is.
    """

    card: str = "hard_axis_mtj/nominal"
    form: str = ""
    params: dict[str, CardValue] = Field(default_factory=dict)

    @field_validator("params")
    @classmethod
    def _form_elsewhere(cls, params: dict[str, Any]) -> dict[str, Any]:
        return without(params, "neuron.params", ("form",), "neuron")

    current_gain: Annotated[float | Literal["matched"], or_word("matched", "")] = "matched"
    sigma_stiffness: Spread = 0.05
    sigma_gain: Spread = 0.05
    reset_time: Annotated[float, in_unit("s"), Field(ge=0)] = 1e-8


class SynapseSection(Section):
    """Card of all synapses, overrides of its parameters, and its nonidealities (relative standard deviations).

    ``modifiers`` wrap every device, the first innermost (see ``neurosim/modifiers/README.md``). ``v_read = "card"`` is 0.2 V,
    or what the card allows if that is less. ``read_time`` averages the white noise of devices that have it
    (modifier ``johnson_shot``).
    """

    card: str = "vteam/nominal"
    params: dict[str, CardValue] = Field(default_factory=dict)

    @field_validator("params")
    @classmethod
    def _no_form(cls, params: dict[str, Any]) -> dict[str, Any]:
        if "form" in params:
            raise ValueError("synapse.params.form: synapse cards have no forms")
        for name, option in (("sigma_step", "sigma_c2c"), ("sigma_range", "sigma_c2c_range")):
            if name in params:
                raise ValueError(f"synapse.params.{name} would be overwritten by synapse.{option}: set that instead")
        return params

    modifiers: list[ModifierTable] = Field(default=[])
    v_read: VoltOrCard = "card"
    sigma_d2d: Spread = 0.10
    sigma_rate: Spread = 0.20
    sigma_threshold: Spread = 0.03
    sigma_c2c: Spread = 0.10
    sigma_c2c_range: Spread = 0.001
    read_noise: Spread = 0.01
    read_time: Annotated[float, in_unit("s"), Field(gt=0)] = 1e-8
    stuck_fraction: Fraction = 0.01


class SettleSection(Section):
    """When a phase counts as settled; ``distance`` and ``local_error`` are fractions of each state's full scale.

    ``mode = "sampled"`` is for neurons that fluctuate: averages over ``sample_time`` after ``burn_in``, in steps of
    ``sample_step``.
    """

    mode: Literal["transient", "equilibrium", "sampled"] = "transient"
    t_max: Annotated[float, in_unit("s"), Field(gt=0)] = 1e-6
    distance: Annotated[float, in_unit(""), Field(ge=1e-13, le=0.1)] = 1e-6
    local_error: Annotated[float, in_unit(""), Field(ge=1e-13, le=0.1)] = 1e-6
    sample_step: Annotated[float, in_unit("s"), Field(gt=0)] = 1e-9
    sample_time: Annotated[float, in_unit("s"), Field(gt=0)] = 1e-6
    burn_in: Annotated[float, in_unit("s"), Field(ge=0)] = 1e-7


class AccumulatorSection(Section):
    """The net-update memory of each synapse; see :class:`neurosim.learning.accumulators.Accumulator`."""

    kind: Literal["none", "digital", "capacitor"] = "digital"
    quantum: Annotated[float, in_unit(""), Field(gt=0, le=1)] = 0.005
    bits: Annotated[int, Field(ge=0, le=32)] = 0
    limit: Annotated[float, in_unit(""), Field(gt=0)] = 1.0
    leak_time: Annotated[float, in_unit("s"), Field(ge=0)] = 0.0
    noise: Spread = 0.0


class LearningSection(Section):
    """Estimator, nudging and programmer; the defaults are those of the main job, ``experiments/digits.toml``.

    ``amplitude = "card"`` takes the pulse voltages from the card, see :mod:`neurosim.nominal_write`.
    """

    estimator: Literal["positive", "negative", "centered"] = "centered"
    beta: Annotated[float, in_unit(""), Field(gt=0)] = 1.0
    nudging: Literal["constant_current", "spring"] = "constant_current"
    programmer: Literal["device", "pulse_step", "write_verify", "outer_product", "ideal"] = "device"
    amplitude: VoltOrCard = "card"
    pulse_levels: Annotated[int, Field(ge=1, le=65536)] = 64
    step_max: Annotated[float, in_unit(""), Field(ge=1e-9, le=1)] = 0.02
    coincidence_bits: Annotated[int, Field(ge=1, le=1024)] = 8
    verify_budget: Annotated[int, Field(ge=1, le=1000)] = 8
    verify_reads: Annotated[int, Field(ge=1, le=100_000)] = 32
    verify_tolerance: Annotated[float, in_unit(""), Field(gt=0, le=1)] = 0.002
    verify_read_time: Annotated[float, in_unit("s"), Field(ge=0)] = 1e-8
    accumulator: AccumulatorSection = AccumulatorSection()


class TrainingSection(Section):
    """Epochs and learning rates (one per crossbar)."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] = 30
    rate: list[Annotated[float, in_unit(""), Field(gt=0)]] = Field(default=[0.005, 0.001])
    schedule: Literal["cosine", "constant"] = "cosine"
    final_rate: Fraction = 0.05


class RecordSection(Section):
    """What the run keeps: conductances every so many samples (log-spaced at the start), traced devices, one sample."""

    every: Annotated[int, Field(ge=1)] = 500
    log_spaced: bool = True
    traced_devices: Annotated[int, Field(ge=0, le=1000)] = 10
    sequence_at: Annotated[int, Field(ge=0)] = 100
    checkpoint_seconds: Annotated[float, in_unit("s"), Field(gt=0)] = 30.0
