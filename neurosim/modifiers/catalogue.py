"""Which modifiers exist: their parameters with units and ranges, what they need of a model, where their kernels are.

Light on purpose: an experiment file is checked, and the matrix is printed, without compiling anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from neurosim.device import DeviceModel, ParamSpec, StateSpec

STEP_TOLERANCE = 1e-6  # of the scale of each state: error of a step with sub-steps (:mod:`neurosim.modifiers.substeps`)
FOREVER = 1e18  # s


@dataclass(frozen=True)
class Option:
    """A choice that is made when a model is built, not a parameter of each instance.

    ``allowed`` are the names of a choice; where it is empty the option is a number in [low, high], whole if the default is.
    """

    default: str | int | float
    meaning: str
    allowed: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Kind:
    """One kind of modifier.

    ``params`` have short names; in a modified model they are called ``<kind>_<name>``. ``derived`` are those whose default is
    worked out from the model. ``sub_steps``: ``advance`` calls that of the inner model several times, with an error below
    ``STEP_TOLERANCE``; else it is as exact as the inner one. ``ages``: states move at zero drive, so there is no dead zone.
    """

    name: str
    meaning: str
    law: str
    params: tuple[ParamSpec, ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    needs: tuple[str, ...] = ("conductance", "advance")
    sub_steps: bool = False
    ages: bool = False

    @property
    def module(self) -> str:
        """Name of the module with its kernels."""
        return f"neurosim.modifiers.{self.name}"


WRITES = (
    ParamSpec("v_write", "V", 0.3, 0.0, 1e3, "magnitude above which a voltage rewrites: the threshold, else 0.3 V", "v_w"),
    ParamSpec("renew_time", "s", 1e-9, 1e-18, FOREVER, "time above v_write after which the age has fallen to 1/e", "t_w"),
)
ARRHENIUS = (
    ParamSpec("ambient", "K", 300.0, 1.0, 5000.0, "temperature of the surroundings", "T_a"),
    ParamSpec("reference", "K", 300.0, 1.0, 5000.0, "temperature at which the card was measured", "T_ref"),
    ParamSpec("activation_energy", "eV", 0.0, 0.0, 10.0, "barrier of everything that moves inside", "E_a"),
    ParamSpec("resistance_coefficient", "1/K", 0.0, -0.1, 0.1, "relative growth of the resistance (metallic path)", "alpha"),
    ParamSpec("conduction_energy", "eV", 0.0, 0.0, 10.0, "barrier of the conductance (hopping path)", "E_g"),
)

_KINDS = (
    Kind("series_resistance", "resistor in series with the device", "v = v_dev + R i(v_dev)",
         (ParamSpec("resistance", "ohm", 100.0, 0.0, 1e15, "series resistance", "R"),),
         needs=("conductance", "current", "advance"), sub_steps=True),
    Kind("selector", "nonlinear element in series: two-way exponential, diode, or transistor with compliance",
         "v = v_dev + v_sel, i = I sinh(v_sel / V), I (exp(v_sel / V) - 1) or I tanh(v_sel / V)",
         (ParamSpec("current", "A", 1e-6, 1e-30, 1e6, "current scale; for the transistor the compliance", "I"),
          ParamSpec("voltage", "V", 0.05, 1e-6, 1e3, "voltage scale", "V")),
         {"law": Option("exponential", "characteristic of the element", ("exponential", "diode", "transistor"))},
         needs=("conductance", "current", "advance"), sub_steps=True),
    Kind("rtn", "random telegraph noise of one trap (apply again for more)",
         "G (1 - a s), s in {0, 1}, a = min(1, k (G_0 / G)^m)",
         (ParamSpec("amplitude", "", 0.02, 0.0, 1.0, "relative drop of the conductance when the trap is full, at G_0", "k"),
          ParamSpec("capture_time", "s", 2e-3, 1e-18, FOREVER, "mean time until an empty trap fills", "tau_c"),
          ParamSpec("emission_time", "s", 1e-3, 1e-18, FOREVER, "mean time until a full trap empties", "tau_e"),
          ParamSpec("exponent", "", 0.0, -4.0, 4.0, "growth of the amplitude with the resistance", "m"),
          ParamSpec("reference_conductance", "S", 1e-4, 1e-18, 1e6, "conductance at which the amplitude is k", "G_0")),
         ages=True),
    Kind("flicker", "1/f noise between two corner frequencies",
         "ln G + sum sigma u_k, u_k Ornstein-Uhlenbeck: spectrum A / f",
         (ParamSpec("amplitude", "", 1e-6, 0.0, 1.0, "one-sided spectrum of ln G times the frequency", "A"),
          ParamSpec("frequency_low", "Hz", 1.0, 1e-15, 1e15, "lower corner", "f_1"),
          ParamSpec("frequency_high", "Hz", 1e6, 1e-15, 1e18, "upper corner", "f_2")),
         {"states": Option(7, "number of Ornstein-Uhlenbeck states; one per decade ripples by 0.5 dB", low=2, high=64)},
         ages=True),
    Kind("johnson_shot", "thermal and shot noise of the terminal current",
         "S = 4 k T (i / v) [(1 - F) + F u coth u], u = q v / 2 k T",
         (ParamSpec("temperature", "K", 300.0, 1e-3, 5000.0, "temperature of the carriers", "T"),
          ParamSpec("shot_factor", "", 1.0, 0.0, 1.0, "Fano factor: 1 tunnel junction, 0 thermal noise alone", "F")),
         needs=("conductance", "current")),
    Kind("drift", "power-law decay of the conductance since the last write", "G (1 + t / t_0)^-nu",
         (ParamSpec("nu", "", 0.05, -1.0, 1.0, "drift exponent", "nu"),
          ParamSpec("time", "s", 20.0, 1e-12, 1e12, "time after which drift shows", "t_0"), *WRITES),
         derived=("v_write",), ages=True),
    Kind("retention", "loss of the state since the last write", "x -> x_rest as exp(-(t / tau)^beta)",
         (ParamSpec("time", "s", 1e7, 1e-12, FOREVER, "time until 1/e is left", "tau"),
          ParamSpec("exponent", "", 1.0, 0.1, 5.0, "1 exponential, below 1 stretched", "beta"),
          ParamSpec("rest", "", 0.0, 0.0, 1.0, "where the state goes, as a fraction of its range", "x_rest"), *WRITES),
         derived=("v_write",), needs=("conductance", "advance", "state"), sub_steps=True, ages=True),
    Kind("temperature", "Arrhenius factors at an ambient temperature",
         "dx/dt exp(-E_a/k (1/T - 1/T_ref)), G exp(-E_g/k (1/T - 1/T_ref)) / (1 + alpha (T - T_ref))", ARRHENIUS,
         needs=("conductance", "advance", "no temperature")),
    Kind("self_heating", "the same factors at the device's own temperature", "tau dT/dt = T_a + R_th v i - T", (
        *ARRHENIUS,
        ParamSpec("thermal_resistance", "K/W", 1e5, 0.0, 1e12, "temperature rise per dissipated power", "R_th"),
        ParamSpec("thermal_time", "s", 1e-9, 1e-15, 1e6, "time constant of the temperature", "tau")),
        needs=("conductance", "current", "advance", "no temperature"), sub_steps=True, ages=True),
    Kind("stuck", "devices whose state never moves, and unformed ones", "dx/dt = 0 at the bound; G = G_u where unformed",
         (ParamSpec("fault", "", 0.0, -1.0, 2.0, "0 works, 1 stuck ON, -1 stuck OFF, 2 unformed", "f"),
          ParamSpec("unformed_conductance", "S", 1e-9, 0.0, 1.0, "conductance of an unformed device", "G_u")),
         {"on_fraction": Option(0.0, "fraction of a population that is stuck ON"),
          "off_fraction": Option(0.0, "fraction that is stuck OFF"),
          "unformed_fraction": Option(0.0, "fraction that was never formed")},
         needs=("conductance", "advance", "state")),
    Kind("levels", "conductance seen in discrete levels", "G -> nearest of n levels between G_low and G_high",
         (ParamSpec("count", "", 16.0, 2.0, 1e6, "number of levels", "n"),
          ParamSpec("low", "S", 0.0, 0.0, 1e3, "lowest level", "G_low"),
          ParamSpec("high", "S", 1e-4, 1e-18, 1e6, "highest level", "G_high")), derived=("low", "high")),
    Kind("endurance", "window that closes with the number of cycles",
         "|log10(G / G_f)| falls by p log10(n / n_th) beyond n_th cycles",
         (ParamSpec("onset", "", 1e6, 1.0, 1e18, "cycles until ageing shows", "n_th"),
          ParamSpec("slope", "", 0.5, 0.0, 100.0, "decades of conductance per decade of cycles", "p"),
          ParamSpec("fail_conductance", "S", 1e-5, 1e-18, 1e3, "conductance in which a worn-out device ends", "G_f")),
         derived=("fail_conductance",), needs=("conductance", "advance", "state")),
)
CATALOGUE: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})


def why_not(kind: Kind, model: DeviceModel) -> str:
    """Return why a modifier cannot be put on a model, ``""`` where it can."""
    if model.conductance is None or len(model.drives) != 1 or model.drives[0].unit != "V":
        return "not a two-terminal device driven by one voltage"
    for role in ("conductance", "current", "advance"):
        if role in kind.needs and getattr(model, role) is None:
            return f'no "{role}"'
    if "state" in kind.needs and not model.states:
        return "no state"
    if "state" in kind.needs and len(model.states) > 1 and not model.programmable:
        return "no single state that is written"
    if model.diffusion is not None:
        return "its noise is a diffusion, which modifiers do not carry on"
    if model.pulse and (kind.sub_steps or kind.name == "temperature"):
        return "counts whole pulses: there is no time inside one"
    if kind.name == "retention" and not abs(model.states[0].high - model.states[0].low) < float("inf"):
        return "its first state has no finite range"
    if "no temperature" in kind.needs and (own := own_temperature(model)):
        return f"has a temperature of its own (`{own}`)"
    if kind.name in model.contains:
        return "has it as a part of its law"
    return ""


def own_temperature(model: DeviceModel) -> str:
    """Return the name of the first state or parameter that is a temperature, ``""`` where there is none."""
    specs: list[StateSpec | ParamSpec] = [*model.states, *model.params]
    return next((spec.name for spec in specs if spec.unit == "K" and not spec.name.startswith("johnson_shot_")), "")
