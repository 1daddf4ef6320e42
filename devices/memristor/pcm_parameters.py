"""Parameters of the statistical phase-change cell: rows of ``params`` and what each number means.

Equation numbers are those of :mod:`devices.memristor.pcm`.
"""

from __future__ import annotations

from neurosim.device import Handle, ParamSpec

(G_MIN, G_MAX, G_UNIT, G_WRITE, V_SET, V_RESET, RATE_SET, RATE_RESET, LEVEL_SET, LEVEL_RESET, MELT_SPAN, PROG_0, PROG_1, PROG_2,
 PROG_3, STEP_0, STEP_1, T_0, T_READ, T_NOISE, NU_LOG, NU_0, NU_LOW, NU_1, NU_2, NU_HIGH, SPREAD_LOG, SPREAD_0, SPREAD_LOW,
 SPREAD_1, SPREAD_2, SPREAD_HIGH, READ_SCALE, READ_POWER, READ_LOG, READ_LOW, READ_1, READ_2, READ_3, READ_HIGH, READ_RELATIVE,
 READ_FLOOR) = range(42)

PARAMS = (
    ParamSpec("g_min", "S", 1e-8, 0.0, 1e3, "written conductance at x = 0", "G_min"),
    ParamSpec("g_max", "S", 31.25e-6, 1e-15, 1e3, "written conductance at x = 1", "G_max"),
    ParamSpec("g_unit", "S", 25e-6, 1e-15, 1e3, "unit of g in the laws of noise and drift", "G_0"),
    ParamSpec("g_write", "S", 2e-4, 1e-15, 1e3, "conductance of the switched-on cell while it is written", "G_w"),
    ParamSpec("v_set", "V", 1.0, 1e-6, 1e3, "SET pulses move the cell above this voltage", "V_set"),
    ParamSpec("v_reset", "V", 1.0, 1e-6, 1e3, "RESET pulses move the cell below minus this voltage", "V_reset"),
    ParamSpec("rate_set", "1/s", 1e6, 0.0, 1e15, "rate of a SET write at twice its threshold", "kappa_+"),
    ParamSpec("rate_reset", "1/s", 1e7, 0.0, 1e15, "rate of a RESET write at twice its threshold", "kappa_-"),
    ParamSpec("level_set", "", 0.9, 0.0, 1.0, "x at which SET writes end", "x_+"),
    ParamSpec("level_reset", "", 0.0, 0.0, 1.0, "lowest x at which RESET writes end", "x_-"),
    ParamSpec("melt_span", "", 0.8, 1e-6, 1e3, "overdrive of the RESET write that ends at the lowest x", "m"),
    ParamSpec("prog_0", "S", 0.26348e-6, -1.0, 1.0, "programming noise, constant in g", "p_0"),
    ParamSpec("prog_1", "S", 1.9650e-6, -1.0, 1.0, "programming noise, linear in g", "p_1"),
    ParamSpec("prog_2", "S", -1.1731e-6, -1.0, 1.0, "programming noise, quadratic in g", "p_2"),
    ParamSpec("prog_3", "S", 1e-12, -1.0, 1.0, "programming noise, cubic in g", "p_3"),
    ParamSpec("step_0", "S", 1e-7, 0.0, 1.0, "noise of SET writes, constant in G_p", "s_0"),
    ParamSpec("step_1", "", 0.05, 0.0, 0.5, "noise of SET writes, linear in G_p", "s_1"),
    ParamSpec("t_0", "s", 20.0, 1e-9, 1e9, "time that drift is counted from", "t_0"),
    ParamSpec("t_read", "s", 250e-9, 1e-15, 1e3, "duration of a read, upper end of the 1/f band", "t_r"),
    ParamSpec("t_noise", "s", 250e-9, 1e-15, 1e3, "time after which a read sees new noise", "t_n"),
    ParamSpec("nu_log", "", -0.0155, -10.0, 10.0, "mean drift exponent, slope in ln g", ""),
    ParamSpec("nu_0", "", 0.0244, -10.0, 10.0, "mean drift exponent at g = 1, before it is clipped", ""),
    ParamSpec("nu_low", "", 0.049, -10.0, 10.0, "floor of the mean drift exponent, constant in g", ""),
    ParamSpec("nu_1", "", 0.0, -10.0, 10.0, "floor of the mean drift exponent, linear in g", ""),
    ParamSpec("nu_2", "", 0.0, -10.0, 10.0, "floor of the mean drift exponent, quadratic in g", ""),
    ParamSpec("nu_high", "", 0.1, 0.0, 10.0, "highest mean drift exponent", ""),
    ParamSpec("spread_log", "", -0.0125, -10.0, 10.0, "spread of the drift exponent, slope in ln g", ""),
    ParamSpec("spread_0", "", -0.0059, -10.0, 10.0, "spread of the drift exponent at g = 1, before it is clipped", ""),
    ParamSpec("spread_low", "", 0.008, -10.0, 10.0, "floor of the spread of the drift exponent, constant in g", ""),
    ParamSpec("spread_1", "", 0.0, -10.0, 10.0, "floor of the spread of the drift exponent, linear in g", ""),
    ParamSpec("spread_2", "", 0.0, -10.0, 10.0, "floor of the spread of the drift exponent, quadratic in g", ""),
    ParamSpec("spread_high", "", 0.045, 0.0, 10.0, "highest spread of the drift exponent", ""),
    ParamSpec("read_scale", "", 0.0088, -10.0, 10.0, "1/f read noise at g = 1", "Q"),
    ParamSpec("read_power", "", 0.65, 0.0, 10.0, "1/f read noise falls with this power of g", ""),
    ParamSpec("read_log", "", 0.0, -10.0, 10.0, "1/f read noise, slope in ln g", ""),
    ParamSpec("read_low", "", 0.0, 0.0, 10.0, "floor of the 1/f read noise, constant in g", ""),
    ParamSpec("read_1", "", 0.0, -10.0, 10.0, "floor of the 1/f read noise, linear in g", ""),
    ParamSpec("read_2", "", 0.0, -10.0, 10.0, "floor of the 1/f read noise, quadratic in g", ""),
    ParamSpec("read_3", "", 0.0, -10.0, 10.0, "floor of the 1/f read noise, cubic in g", ""),
    ParamSpec("read_high", "", 0.2, 0.0, 10.0, "highest 1/f read noise", ""),
    ParamSpec("read_relative", "", 1e-6, 0.0, 10.0, "read noise over G that does not grow with time", ""),
    ParamSpec("read_floor", "S", 1e-12, 0.0, 1.0, "read noise that depends neither on G nor on time", ""),
)
HANDLES = {
    "g_max": Handle(("g_max",)),
    "g_min": Handle(("g_min",)),
    "rate": Handle(("rate_set", "rate_reset")),
    "threshold_up": Handle(("v_set",)),
    "threshold_down": Handle(("v_reset",)),
}
