"""Files are read as instruments write them; what cannot be a measurement is refused with its place."""


import numpy as np
import pytest

from neurosim.errors import DataError
from neurosim.fitting import Measurement, read_measurement


@pytest.mark.parametrize("text", [
    "voltage (V),width (us),conductance (uS)\n" + "\n".join(f"1,2,{10 + k}" for k in range(10)),
    "Keithley 4200\nOperator;nobody\npulse;voltage;width;conductance\n;(V);(us);(uS)\n"
    + "\n".join(f"{k};1,0;2,0;{10 + k},0" for k in range(10)),
    "V\tpulse width [us]\tResistance (kohm)\n" + "\n".join(f"1\t2\t{1e3 / (10 + k)!r}" for k in range(10)),
    '"voltage_V","width_us","conductance_uS"\n' + "\n".join(f'"1","2","{10 + k}"' for k in range(10)) + "\n\n",
])
def test_files_are_read_as_instruments_write_them(tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_text(text)
    data = read_measurement(path)
    assert data.kind == "pulses"
    np.testing.assert_allclose(data["conductance"], (10 + np.arange(10)) * 1e-6, rtol=1e-12)
    np.testing.assert_allclose(data["width"], 2e-6, rtol=1e-12)


ROWS = [f"{k}e-6,{0.1 * k},{1e-6 * k}" for k in range(12)]


@pytest.mark.parametrize(("text", "said"), [
    ("", "no header"),
    ("a,b,c\n1,2,3", "no header"),
    ("\n".join(["time,voltage,current", *ROWS[:5], "", *ROWS[5:]]), "line 7 is empty"),
    ("\n".join(["time,voltage,current", *ROWS[:5], "6e-6,nan,1", *ROWS[7:]]), "line 7, voltage"),
    ("\n".join(["time,voltage,current", *ROWS[:5], "6e-6,x,1", *ROWS[7:]]), "line 7, voltage"),
    ("\n".join(["time,voltage,current", *ROWS[:5]]), "5 rows"),
    ("\n".join(["voltage,time,current", *[f"{(-1) ** k},{k % 3},1" for k in range(12)]]), "swapped"),
    ("\n".join(["time (V),voltage,current", *ROWS]), "column time"),
    ("\n".join(["time,voltage,voltage,current", *[row + ",1" for row in ROWS]]), "twice"),
    ("\n".join(["voltage,width,conductance", *[f"1,1e-6,{-1e-6 * k}" for k in range(12)]]), "line 2: conductance"),
    ("\n".join(["time,voltage,current", *[f"{k}e-6,{1e-5 * k},{0.1 * k}" for k in range(12)]]), "swapped, or is the unit"),
    ("\n".join(["time,voltage,current", *[f"{k}e-6,{0.1 * k},0" for k in range(12)]]), "zero in every row"),
    ("\n".join(["time,voltage,current", *[f"{k}e-6,{0.1 * k},{-1e-6 * k}" for k in range(12)]]), "against the voltage"),
    ("\n".join(["time,voltage,current", *[f"{k},0e-6,0,{k},1,0e-6" for k in range(12)]]), "line 2 has 6 cells.*decimal commas"),
    ("\n".join(["voltage,width,conductance", *["1e-6,1,1e-5" for _ in range(12)]]), "swapped"),
    ("\n".join(["voltage,width,conductance", *["1,0,1e-5" for _ in range(12)]]), "no pulse"),
    ("\n".join(["voltage,width,conductance", *[f"1,{10 + k}e-6,1e-7" for k in range(12)]]), "never changes.*swapped"),
    ("\n".join(["voltage,width,conductance,Vread", *[f"1,1e-6,{10 + k}e-6,0" for k in range(12)]]), "read voltage of 0 V"),
    ("\n".join(["voltage,width,conductance", *["1,-1e-6,1e-5" for _ in range(12)]]), "line 2: a pulse width"),
    ("\n".join(["voltage,width,conductance", *["2000,1e-6,1e-5" for _ in range(12)]]), "2000 V"),
])
def test_a_bad_file_is_named_with_line_and_column(tmp_path, text, said):
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        read_measurement(path)


@pytest.mark.parametrize(("kind", "change", "said"), [
    ("iv", {"current": np.r_[np.linspace(0, 1e-5, 11), np.nan]}, "row 12: current is not finite"),
    ("iv", {"current": np.linspace(0, 1e-5, 11)}, "shapes"),
    ("iv", {"time": np.zeros(12)}, "row 2: time"),
    ("loop", {}, "allowed are iv, pulses"),
    ("pulses", {}, "needs the column width"),
])
def test_data_from_python_are_checked_like_files(kind, change, said):
    columns = {"time": np.arange(12.0), "voltage": np.linspace(0, 1, 12), "current": np.linspace(0, 1e-5, 12)}
    with pytest.raises(DataError, match=said):
        Measurement(kind, "mine", columns | change)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_encodings_of_instruments_are_read(tmp_path, encoding):
    text = "time (s);voltage (V);current (\N{MICRO SIGN}A)\n" + "\n".join(f"{k};{0.1 * k};{k}" for k in range(12))
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "loop.csv").write_bytes((mark + text).encode(encoding))
    np.testing.assert_allclose(read_measurement(tmp_path / "loop.csv")["current"], 1e-6 * np.arange(12), rtol=1e-12)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04\x00\x00\x08\x00")
    with pytest.raises(DataError, match="not a text file"):
        read_measurement(tmp_path / "book.csv")
