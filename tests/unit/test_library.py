"""The device library: names are found or explained, a broken or hidden library is named, nothing is imported early."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neurosim import library
from neurosim.device import DeviceModel
from neurosim.errors import LibraryError, ParameterError, StorageError

ROOT = Path(__file__).resolve().parents[2]
CARD = ('schema = 1\nmodel = "cell"\n[source]\ntitle = "t"\nauthors = "a"\nyear = 2000\n'
        '[params]\nr = {{ value = {value}, unit = "ohm", origin = "assumed" }}\n')
MODULE = ('from pathlib import Path\nfrom neurosim.device import DeviceModel, ParamSpec\n'
          'CELL = DeviceModel(name="cell", params=(ParamSpec("r", "ohm", 1.0, 0.0, 1e9, "resistance"),), states=(),'
          ' drives=(), rate=print)\nWRONG = 3\n'
          'class LIBRARY:\n    name = "lab"\n'
          '    models = {"cell": "lab_devices:CELL", "wrong": "lab_devices:WRONG", "gone": "lab_gone:X",\n'
          '              "misnamed": "lab_devices:CELL"}\n'
          '    cards = Path(__file__).parent / "lab_cards"\n')


class Point:
    """What importlib.metadata gives for one entry point, as far as the library looks at it."""

    def __init__(self, value):
        self.value = value


@pytest.fixture(autouse=True)
def fresh_library():
    library._libraries.cache_clear()
    yield
    library._libraries.cache_clear()


@pytest.fixture
def lab(tmp_path, monkeypatch):
    (tmp_path / "lab_devices.py").write_text(MODULE)
    (tmp_path / "lab_cards" / "cell").mkdir(parents=True)
    (tmp_path / "lab_cards" / "cell" / "small.toml").write_text(CARD.format(value=5.0))
    monkeypatch.syspath_prepend(str(tmp_path))
    announce(monkeypatch, "lab_devices:LIBRARY")
    yield tmp_path
    sys.modules.pop("lab_devices", None)


def announce(monkeypatch, *values):
    monkeypatch.setattr(library.importlib.metadata, "entry_points", lambda group: [Point(value) for value in values])


def test_every_shipped_card_builds_and_reads_back(tmp_path):
    rows = library.list_devices()
    assert "vteam/nominal" in [row.name for row in rows]
    for row in rows:
        device = library.load_device(row.name)
        assert device.name == row.name
        copy = tmp_path / "copy.toml"
        copy.write_text(device.to_toml())
        again = library.load_device(copy)
        np.testing.assert_array_equal(again.params, device.params)
        np.testing.assert_array_equal(again.state, device.state)


def test_overrides_are_passed_to_the_device():
    device = library.load_device("vteam/nominal", g_max="120 uS")
    assert device.value("g_max") == pytest.approx(120e-6, rel=1e-15, abs=0)
    with pytest.raises(ParameterError, match=r"vteam/nominal: g_max = 1 uS is below g_min = 5 uS \(from your over"):
        library.load_device("vteam/nominal", g_max="1 uS")


@pytest.mark.parametrize(("name", "message"), [
    ("vteam/nominl", 'no device "vteam/nominl". Did you mean "vteam/nominal"'),
    ("vteem/nominal", 'Did you mean "vteam/nominal"'),
    ("vteem", 'Did you mean "vteam"'),
    ("vteam", r'"vteam" is a model; a device is a card of it. Cards: .*vteam/nominal'),
    ("nominal", r'no device "nominal": a device is model/paper. Cards of that name: .* and \d+ more\.'),
    ("sky130", r"Cards of that name: gap/sky130\."),
    ("", "no device"), ("/", "no device"), ("../cards/vteam/nominal", "must end in .toml"),
    ("a\\b", "must end in .toml"),
])
def test_unknown_device_is_explained(name, message):
    with pytest.raises(LibraryError, match=message) as caught:
        library.load_device(name)
    assert caught.value.exit_code == 2


def test_a_card_file_without_its_ending_is_recognised(tmp_path, monkeypatch):
    (tmp_path / "good.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LibraryError, match=r'A path to a card must end in .toml: "./good.toml"'):
        library.load_device("good")


def test_unknown_model_is_explained():
    with pytest.raises(LibraryError, match=r'no device model "vteem". Did you mean "vteam"'):
        library.load_model("vteem")


def test_missing_card_file_is_a_storage_error():
    with pytest.raises(StorageError, match="cannot read the card"):
        library.load_device("no/such.toml")


def test_model_is_the_same_object_each_time():
    assert isinstance(library.load_model("vteam"), DeviceModel)
    assert library.load_model("vteam") is library.load_model("vteam")


def test_listing_imports_no_model():
    code = ("import sys; from neurosim import library; rows = library.list_devices(); library.list_models(); "
            "print(len(rows) > 0, 'numba' in sys.modules, 'pydantic' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["True", "False", "False"]


def test_library_of_a_lab_joins_ours(lab):
    names = [row.name for row in library.list_devices()]
    assert "cell/small" in names
    assert "vteam/nominal" in names
    assert library.list_models()["cell"] == "lab"
    assert library.load_device("cell/small").value("r") == 5.0


def test_lab_can_add_a_card_for_our_model(lab):
    source = next(row.path for row in library.list_devices() if row.name == "vteam/nominal")
    (lab / "lab_cards" / "vteam").mkdir()
    (lab / "lab_cards" / "vteam" / "lab2024.toml").write_bytes(source.read_bytes())
    assert library.load_device("vteam/lab2024").name == "vteam/lab2024"


def test_card_in_two_libraries_is_refused(lab):
    (lab / "lab_cards" / "vteam").mkdir()
    (lab / "lab_cards" / "vteam" / "nominal.toml").write_text("")
    with pytest.raises(LibraryError, match="in two libraries"):
        library.load_device("vteam/nominal")


@pytest.mark.parametrize(("model", "message"), [
    ("wrong", r'should be the DeviceModel "wrong", found int'),
    ("misnamed", r'should be the DeviceModel "misnamed", found a model named "cell"'),
    ("gone", r'"gone" cannot be loaded from lab_gone:X: ModuleNotFoundError'),
])
def test_bad_model_of_a_library_is_named(lab, model, message):
    with pytest.raises(LibraryError, match=message):
        library.load_model(model)


@pytest.mark.parametrize("value", ["lab_missing:LIBRARY", "lab_devices:NONE", "lab_devices:WRONG", "lab_devices"])
def test_broken_library_leaves_ours_working(lab, monkeypatch, value):
    announce(monkeypatch, value)
    assert library.load_device("vteam/nominal").name == "vteam/nominal"
    assert value in library.problems()[0]
    with pytest.raises(LibraryError, match=f"(?s)no device \"cell/small\".*{value}"):
        library.load_device("cell/small")


@pytest.mark.parametrize(("file", "content"), [
    ("devices.py", "x = 1\n"), ("devices.py", "raise RuntimeError('mine')\n"), ("devices.py", "def broken(:\n"),
    ("devices/__init__.py", ""),
])
def test_users_own_devices_file_is_named_as_the_cause(tmp_path, file, content):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content)
    code = ("from neurosim.library import load_device\nfrom neurosim.errors import LibraryError\n"
            "try: load_device('vteam/nominal')\nexcept LibraryError as error: print(error)")
    # The user's folder comes first on the path, as it does for a script.
    path = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\n"
    done = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=True, cwd=tmp_path)
    culprit = (tmp_path / file).parent if file.endswith("__init__.py") else tmp_path / file
    assert f"{culprit.resolve()} hides the device library" in done.stdout
    assert f"Rename {culprit.name}" in done.stdout
