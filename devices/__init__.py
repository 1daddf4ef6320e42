"""The device library: which models exist, where they are, and the folder of their cards.

Nothing is imported until asked. ``LIBRARY`` maps a model name to ``"module:ATTRIBUTE"`` of its
:class:`neurosim.device.DeviceModel`; ``CARDS`` is the folder of published parameter sets, one file
``cards/<model>/<paper>.toml`` each. A laboratory ships its own library the same way, through the entry-point group
``neurosim.devices``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

CARDS = Path(__file__).parent / "cards"

LIBRARY: Mapping[str, str] = MappingProxyType({
    "vteam": "devices.memristor.vteam:MODEL",
    "linear_ion_drift": "devices.memristor.linear_ion_drift:MODEL",
    "windowed_drift": "devices.memristor.windowed_drift:MODEL",
    "nonlinear_drift": "devices.memristor.nonlinear_drift:MODEL",
    "team": "devices.memristor.team:MODEL",
    "vteam_windowed": "devices.memristor.vteam_windowed:MODEL",
    "yakopcic": "devices.memristor.yakopcic:MODEL",
    "laiho_biolek": "devices.memristor.laiho_biolek:MODEL",
    "namlab": "devices.memristor.namlab:MODEL",
    "pershin": "devices.memristor.pershin:MODEL",
    "messaris": "devices.memristor.messaris:MODEL",
    "two_state": "devices.memristor.two_state:MODEL",
    "two_state_arrhenius": "devices.memristor.two_state_arrhenius:MODEL",
    "two_state_neel_brown": "devices.memristor.two_state_neel_brown:MODEL",
    "two_state_merz": "devices.memristor.two_state_merz:MODEL",
    "stochastic_switch": "devices.memristor.stochastic_switch:MODEL",
    "memdiode": "devices.memristor.memdiode:MODEL",
    "wox": "devices.memristor.wox:MODEL",
    "diffusive": "devices.memristor.diffusive:MODEL",
    "pcm": "devices.memristor.pcm:MODEL",
    "pcm_thermal": "devices.memristor.pcm_thermal:MODEL",
    "ferroelectric_domains": "devices.memristor.ferroelectric_domains:MODEL",
    "ferroelectric_tunnel": "devices.memristor.ferroelectric_tunnel:MODEL",
    "ion_gate": "devices.memristor.ion_gate:MODEL",
    "floating_gate": "devices.memristor.floating_gate:MODEL",
    "charge_trap": "devices.memristor.charge_trap:MODEL",
    "pulse_step": "devices.memristor.pulse_step:MODEL",
    "gap": "devices.memristor.gap:MODEL",
    "pulse_exponential": "devices.memristor.pulse_exponential:MODEL",
    "pulse_power": "devices.memristor.pulse_power:MODEL",
    "pulse_piecewise": "devices.memristor.pulse_piecewise:MODEL",
    "pulse_logistic": "devices.memristor.pulse_logistic:MODEL",
    "jart_cycles": "devices.memristor.jart_cycles:MODEL",
    "jart_vcm": "devices.memristor.jart_vcm:MODEL",
    "mott_nbo2": "devices.memristor.mott_nbo2:MODEL",
    "thermal_vo2": "devices.memristor.thermal_vo2:MODEL",
    "resistor": "devices.circuit.resistor:MODEL",
    "diode": "devices.circuit.diode:MODEL",
    "macrospin": "devices.spintronic.macrospin:MODEL",
    "hard_axis_mtj": "devices.spintronic.hard_axis_mtj:MODEL",
    "stno": "devices.spintronic.stno:MODEL",
    "phase_oscillator": "devices.spintronic.phase_oscillator:MODEL",
    "resonator_synapse": "devices.spintronic.resonator_synapse:MODEL",
    "smtj": "devices.spintronic.smtj:MODEL",
    "domain_wall": "devices.spintronic.domain_wall:MODEL",
    "domain_wall_synapse": "devices.spintronic.domain_wall_synapse:MODEL",
    "sot_multilevel": "devices.spintronic.sot_multilevel:MODEL",
    "lif": "devices.spintronic.lif:MODEL",
})
