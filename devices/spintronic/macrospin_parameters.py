"""The parameters of the macrospin, its states and drives, and what follows from the numbers of a film.

A card gives either what the law needs (``volume``, ``h_k``, ``n_x`` ...) or the film: ``shape`` and lengths give volume and
demagnetising factors, ``k_i``, ``k_u``, ``k_2`` the anisotropy fields, ``ra`` the resistance, ``tmr`` the polarisation. What a
card gives itself is kept; an override of a film number changes what follows from it.

    h_k = 2 (k_u + k_i/thickness)/(mu_0 m_s),   h_k2 = 4 k_2/(mu_0 m_s),   r_p = ra/area,   eta = sqrt(tmr/(2 + tmr))

The last is Julliere's formula for equal electrodes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from devices.spintronic.demagnetisation import elliptic_cylinder, prism, thin_pillar
from neurosim.device import ParamSpec, SignalSpec, StateSpec
from neurosim.errors import ParameterError
from neurosim.units import MU_0

NO_DROOP = 1e6  # V, the default of v_half: no junction sees a part in 1e11 of it
PARAMS = (
    ParamSpec("m_s", "A/m", 1e6, 1e2, 1e7, "saturation magnetisation", "M_s"),
    ParamSpec("volume", "m^3", 2e-24, 1e-30, 1e-15, "volume of the free layer", "V"),
    ParamSpec("h_k", "A/m", 1e5, -1e8, 1e8, "uniaxial anisotropy field along u, shape excluded", "H_k"),
    ParamSpec("u_x", "", 0.0, -1.0, 1.0, "anisotropy axis, x (normalised by the kernels)", "u_x"),
    ParamSpec("u_y", "", 0.0, -1.0, 1.0, "anisotropy axis, y", "u_y"),
    ParamSpec("u_z", "", 1.0, -1.0, 1.0, "anisotropy axis, z", "u_z"),
    ParamSpec("alpha", "", 0.01, 1e-9, 10.0, "Gilbert damping, above zero; 1e-9 loses nothing in a microsecond", "alpha"),
    ParamSpec("n_x", "", 0.0, -1.0, 1.0, "demagnetising factor along x", "N_x"),
    ParamSpec("n_y", "", 0.0, -1.0, 1.0, "demagnetising factor along y", "N_y"),
    ParamSpec("n_z", "", 0.0, -1.0, 1.0, "demagnetising factor along z", "N_z"),
    ParamSpec("p_x", "", 0.0, -1.0, 1.0, "reference layer (polariser), x (normalised by the kernels)", "p_x"),
    ParamSpec("p_y", "", 0.0, -1.0, 1.0, "reference layer, y", "p_y"),
    ParamSpec("p_z", "", 1.0, -1.0, 1.0, "reference layer, z", "p_z"),
    ParamSpec("eta", "", 0.6, -10.0, 10.0, "spin transfer efficiency of the junction: its polarisation", "eta"),
    ParamSpec("field_like_ratio", "", 0.0, -10.0, 10.0, "field-like over damping-like torque of the junction", "b"),
    ParamSpec("temperature", "K", 300.0, 0.0, 2000.0, "temperature of the bath; 0: no thermal field", "T"),
    ParamSpec("r_p", "ohm", 6e3, 1e-3, 1e12, "junction resistance, parallel", "R_p"),
    ParamSpec("tmr", "", 1.0, 0.0, 100.0, "tunnel magnetoresistance (R_ap - R_p)/R_p at small voltage", "TMR"),
    ParamSpec("v_half", "V", NO_DROOP, 1e-3, 1e9, "voltage at which tmr is half as large", "V_h"),
    ParamSpec("asymmetry", "", 1.0, 1e-2, 1e2, "asymmetry of the torque in the angle; 1: none", "Lambda"),
    ParamSpec("h_k2", "A/m", 0.0, -1e8, 1e8, "second-order anisotropy field along u, 4 K_2/(mu_0 M_s)", "H_k2"),
    ParamSpec("vcma", "J/(V*m)", 0.0, -1e-9, 1e-9, "voltage control of the interface anisotropy", "xi"),
    ParamSpec("barrier", "m", 1e-9, 1e-10, 1e-6, "thickness of the tunnel barrier (vcma)", "t_ox"),
    ParamSpec("thickness", "m", 1e-9, 1e-11, 1e-5, "thickness of the free layer (film numbers, vcma, coupling, line)", "t_F"),
    ParamSpec("j_1", "J/m^2", 0.0, -1.0, 1.0, "bilinear coupling to the reference layer; positive: parallel", "J_1"),
    ParamSpec("j_2", "J/m^2", 0.0, -1.0, 1.0, "biquadratic coupling to the reference layer; negative: at right angles", "J_2"),
    ParamSpec("theta_sh", "", 0.0, -10.0, 10.0, "spin Hall efficiency of the heavy-metal line", "theta_SH"),
    ParamSpec("s_x", "", 0.0, -1.0, 1.0, "spin direction of the line current, x (normalised by the kernels)", "s_x"),
    ParamSpec("s_y", "", 1.0, -1.0, 1.0, "spin direction of the line current, y", "s_y"),
    ParamSpec("s_z", "", 0.0, -1.0, 1.0, "spin direction of the line current, z", "s_z"),
    ParamSpec("sot_field_like", "", 0.0, -10.0, 10.0, "field-like over damping-like torque of the line", "b_s"),
    ParamSpec("line_area", "m^2", 1e-15, 1e-20, 1e-8, "cross-section of the heavy-metal line", "A_s"),
    ParamSpec("shape", "", 0.0, 0.0, 3.0, "0: volume, n_x, n_y, n_z as given; 1: elliptic cylinder; 2: prism; 3: thin pillar, "
                                          "quick form"),
    ParamSpec("length_x", "m", 4e-8, 1e-10, 1e-3, "extent of the free layer along x (shape)", "L_x"),
    ParamSpec("length_y", "m", 4e-8, 1e-10, 1e-3, "extent of the free layer along y (shape)", "L_y"),
    ParamSpec("k_i", "J/m^2", 0.0, -1.0, 1.0, "interface anisotropy; 0 with k_u = 0: h_k as given", "K_i"),
    ParamSpec("k_u", "J/m^3", 0.0, -1e9, 1e9, "bulk anisotropy; 0 with k_i = 0: h_k as given", "K_u"),
    ParamSpec("k_2", "J/m^3", 0.0, -1e9, 1e9, "second-order anisotropy; 0: h_k2 as given", "K_2"),
    ParamSpec("ra", "ohm*m^2", 0.0, 0.0, 1.0, "resistance times area, parallel; 0: r_p as given", "RA"),
)
(M_S, VOLUME, H_K, U_X, U_Y, U_Z, ALPHA, N_X, N_Y, N_Z, P_X, P_Y, P_Z, ETA, FIELD_LIKE_RATIO, TEMPERATURE, R_P, TMR, V_HALF,
 ASYMMETRY, H_K2, VCMA, BARRIER, THICKNESS, J_1, J_2, THETA_SH, S_X, S_Y, S_Z, SOT_FIELD_LIKE, LINE_AREA,
 *_) = range(len(PARAMS))

STATES = (
    StateSpec("m_x", "", -1.0, 1.0, 0.6, "reduced magnetisation along x"),
    StateSpec("m_y", "", -1.0, 1.0, 0.0, "reduced magnetisation along y"),
    StateSpec("m_z", "", -1.0, 1.0, 0.8, "reduced magnetisation along z"),
)
_FIELDS = tuple(SignalSpec(f"h_{axis}", "A/m", f"applied field along {axis}") for axis in "xyz")
_LINE = SignalSpec("i_sot", "A", "current in the heavy-metal line; positive pulls m towards s where theta_sh > 0")
CURRENT_DRIVES = (*_FIELDS, SignalSpec("i", "A", "current through the junction; positive pulls m towards the reference layer"),
                  _LINE)
VOLTAGE_DRIVES = (*_FIELDS, SignalSpec("v", "V", "voltage over the junction; its current pulls m towards the reference layer "
                                                 "where positive"), _LINE)
OUTPUTS = (SignalSpec("projection", "", "magnetisation along the reference layer"),)
NOISES = ("thermal field x", "thermal field y", "thermal field z")
_SHAPES = {1.0: elliptic_cylinder, 2.0: prism, 3.0: thin_pillar}


def derive(values: Mapping[str, float], given: Collection[str]) -> dict[str, float]:
    """Return the parameters that follow from the film numbers among ``values``; raise where these contradict each other.

    Parameters
    ----------
    values : mapping of str to float
        Every parameter [SI].
    given : collection of str
        The names that a card or an override gives; the others have their defaults.
    """
    for name, what in (("u", "the anisotropy axis"), ("p", "the reference layer"), ("s", "the spin of the line current")):
        if not any(values[f"{name}_{axis}"] for axis in "xyz"):
            raise ParameterError(f"{what} has length 0: {name}_x = {name}_y = {name}_z = 0. Give a direction, for example "
                                 f"{name}_z = 1.")
    found: dict[str, float] = {}
    moment = MU_0 * values["m_s"]
    if values["shape"] not in (0.0, *_SHAPES):
        raise ParameterError(f"shape = {values['shape']:g} is none: 0 as given, 1 elliptic cylinder, 2 prism, 3 thin pillar.")
    if values["shape"]:
        lengths = values["length_x"], values["length_y"], values["thickness"]
        area = lengths[0] * lengths[1] * (1.0 if values["shape"] == 2.0 else 0.25 * math.pi)
        found |= {"volume": area * lengths[2]}
        found |= dict(zip(("n_x", "n_y", "n_z"), _SHAPES[values["shape"]](*lengths), strict=True))
        if values["ra"]:
            found["r_p"] = values["ra"] / area
    elif values["ra"]:
        raise ParameterError("ra needs the area of the junction: give shape, length_x and length_y, or r_p in the place of ra.")
    if values["k_i"] or values["k_u"]:
        found["h_k"] = 2.0 * (values["k_u"] + values["k_i"] / values["thickness"]) / moment
    if values["k_2"]:
        found["h_k2"] = 4.0 * values["k_2"] / moment
    if "tmr" in given:
        found["eta"] = math.sqrt(values["tmr"] / (2.0 + values["tmr"]))
    return found
