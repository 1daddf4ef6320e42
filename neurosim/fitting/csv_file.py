"""Files as instruments write them: CSV with a header, units, and one of two contents.

* a current-voltage record: time, voltage, current;
* a pulse record: voltage and width of each pulse, and the conductance (or resistance) read after it; the read voltage may have
  a column too.

Separators are comma, semicolon or tab; with semicolons and tabs a decimal comma is read too. A unit stands behind the name
(``current (uA)``, ``voltage [mV]``, ``time_s``) or in a row of its own below the header. Lines in front of the header, as
instruments write them, are skipped; anything else that is not a number is an error that names its line. Text may be UTF-8,
UTF-16 with its mark, or Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import numpy as np

from neurosim.errors import DataError, ParameterError
from neurosim.fitting.measurement import KINDS, READ, Measurement
from neurosim.storage import sha256
from neurosim.units import convert

# Column, its SI unit, and what instruments call it.
NAMES = {
    "time": ("s", ("time", "t", "timestamp", "elapsed")),
    "voltage": ("V", ("voltage", "v", "bias", "amplitude", "pulse voltage", "force", "vforce", "av")),
    "current": ("A", ("current", "i", "imeas", "ai", "measured current")),
    "width": ("s", ("width", "pulse width", "duration", "pw", "tp")),
    "conductance": ("S", ("conductance", "g")),
    "resistance": ("ohm", ("resistance", "r")),
    READ: ("V", ("read voltage", "vread", "v read", "read bias")),
}
MOST_BYTES = 200_000_000


def read_measurement(path: str | Path) -> Measurement:
    """Return the measurement in a CSV file.

    Raises
    ------
    DataError
        No such file, no header with known columns, a row that is not numbers, NaN, time that does not increase, conductances
        that are not positive, too few rows; the message names file, line and column.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: more than {MOST_BYTES // 10**6} MB. Cut the record or average it.")
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from None
    lines = _text(data, path).splitlines()
    separator = _separator(lines)
    cells = [[part.strip().strip('"').strip() for part in line.split(separator)] for line in lines]
    header, found = _header(cells, path)
    units, first = _units(cells, header, found)
    columns = _numbers(cells, first, found, units, separator, len(cells[header]), path)
    return _checked(columns, first, path, sha256(data))


def _text(data: bytes, path: Path) -> str:
    """Return the text of a file in one of the encodings of instruments."""
    encodings = ("utf-16",) if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DataError(f"{path}: not a text file. Save it as CSV (UTF-8).")


def _separator(lines: list[str]) -> str:
    counts = {mark: sum(line.count(mark) for line in lines[:200]) for mark in (";", "\t", ",")}
    if counts[";"] or counts["\t"]:  # commas may then be decimal marks
        return ";" if counts[";"] >= counts["\t"] else "\t"
    return ","


def _plain(cell: str) -> tuple[str, str]:
    """Return (name in lower case, unit or "") of a header cell such as ``Current (uA)`` or ``time_s``."""
    if match := re.fullmatch(r"(.+?)\s*[(\[/]\s*([^)\]]*?)\s*[)\]]?", cell):
        return match[1].strip().lower(), match[2]
    name, _, unit = cell.rpartition("_")
    if name and _known(name.lower()) and not _known(cell.lower()):
        return name.strip().lower(), unit
    return cell.lower(), ""


def _known(name: str) -> str:
    spaced = re.sub(r"[_\s]+", " ", name)
    return next((column for column, (_, names) in NAMES.items() if spaced in names), "")


def _header(cells: list[list[str]], path: Path) -> tuple[int, dict[str, int]]:
    """Return the line of the header and where each known column is."""
    for line, row in enumerate(cells[:200]):
        found: dict[str, int] = {}
        for position, cell in enumerate(row):
            column = _known(_plain(cell)[0]) if cell else ""
            if column and column in found:
                raise DataError(f"{path}: line {line + 1} names {column} twice. Keep one column of each.")
            if column:
                found[column] = position
        if any(all(name in found or (name == "conductance" and "resistance" in found) for name in names)
               for names in KINDS.values()):
            return line, found
    known = "; ".join(", ".join(names) for names in KINDS.values())
    raise DataError(f"{path}: no header line with the columns of a measurement ({known}). Name the columns so, with units in "
                    "brackets, for example: time (s), voltage (V), current (uA).")


def _units(cells: list[list[str]], header: int, found: dict[str, int]) -> tuple[dict[str, str], int]:
    """Return the unit of each column, and the first line of numbers."""
    units = {name: _plain(cells[header][position])[1] for name, position in found.items()}
    first = header + 1
    if first < len(cells):
        row = [cells[first][position] if position < len(cells[first]) else "" for position in found.values()]
        if row and all(cell and not re.search(r"\d", cell) for cell in row):
            units = {name: cell.strip("()[] ") for name, cell in zip(found, row, strict=True)}
            first += 1
    return units, first


def _numbers(cells: list[list[str]], first: int, found: dict[str, int], units: dict[str, str], separator: str,
             width: int, path: Path) -> dict[str, np.ndarray]:
    columns: dict[str, list[float]] = {name: [] for name in found}
    blank = 0
    for line, row in enumerate(cells[first:], start=first + 1):
        if not any(row):
            blank = blank or line
            continue
        if blank:
            raise DataError(f"{path}: line {blank} is empty, data go on in line {line}. Remove the gap or split the file.")
        if any(row[width:]):
            raise DataError(f"{path}: line {line} has {len(row)} cells, the header {width}. Numbers with decimal commas need "
                            "semicolons or tabs between them.")
        for name, position in found.items():
            text = row[position] if position < len(row) else ""
            try:
                number = float(text.replace(",", ".") if separator != "," else text)
            except ValueError:
                raise DataError(f"{path}: line {line}, {name}: {text[:30]!r} is not a number.") from None
            if not np.isfinite(number):
                raise DataError(f"{path}: line {line}, {name}: {text!r} is not finite. Remove the row or measure again.")
            columns[name].append(number)
    out = {}
    for name, values in columns.items():
        unit = NAMES[name][0]
        try:
            scale = convert(1.0, units[name], unit, name) if units[name] else 1.0
        except ParameterError as error:
            raise DataError(f"{path}: column {name}: {error}") from None
        out[name] = np.array(values) * scale
    return out


def _checked(columns: dict[str, np.ndarray], first: int, path: Path, hashed: str) -> Measurement:
    if "resistance" in columns and "conductance" not in columns:
        if not np.all(columns["resistance"] > 0.0):
            raise DataError(f"{path}: resistances must be > 0 ohm.")
        columns["conductance"] = 1.0 / columns.pop("resistance")
    kind = next(kind for kind, names in KINDS.items() if all(name in columns for name in names))
    return Measurement(kind, str(path), columns, first + 1, hashed)
