"""Storage: files are whole or absent, damage is found, one writer per folder."""

import errno
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from neurosim import run_lock, storage
from neurosim.errors import StorageError
from neurosim.run_lock import LOCK_NAME, RunLock
from neurosim.storage import (
    atomic_file,
    make_folder,
    read_bytes,
    read_json,
    sha256,
    sha256_file,
    sha256_json,
    write_atomic,
    write_json,
    write_text,
)

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # FIPS 180-4 of no bytes


def test_written_bytes_and_hash_come_back(tmp_path):
    data = bytes(range(256)) * 100
    digest = write_atomic(tmp_path / "a.bin", data)
    assert read_bytes(tmp_path / "a.bin", digest) == data
    assert digest == sha256(data) == sha256_file(tmp_path / "a.bin")
    assert sha256(b"") == EMPTY_SHA256


def test_only_the_final_file_is_left(tmp_path):
    write_text(tmp_path / "a.txt", "1\r\nµ\n")
    write_text(tmp_path / "a.txt", "2\r\nµ\n")
    assert os.listdir(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == "2\r\nµ\n".encode()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_interrupted_write_keeps_the_old_file_and_leaves_no_rest(tmp_path, error):
    write_text(tmp_path / "a.txt", "old")

    def interrupted():
        with atomic_file(tmp_path / "a.txt") as file:
            file.write(b"half of the n")
            raise error

    with pytest.raises(error):
        interrupted()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_full_disk_keeps_the_old_file_and_says_so(tmp_path, monkeypatch, call):
    write_text(tmp_path / "a.txt", "old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, call, full)
    with pytest.raises(StorageError, match=r"a\.txt: cannot write the file: No space left.*free some space") as caught:
        write_text(tmp_path / "a.txt", "new")
    monkeypatch.undo()
    assert caught.value.exit_code == 5
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_data_reach_the_disk_before_the_name_and_the_name_before_the_return(tmp_path, monkeypatch):
    calls = []
    real_sync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(storage.os, "fsync", lambda fd: (calls.append("sync"), real_sync(fd))[1])
    monkeypatch.setattr(storage.os, "replace", lambda a, b: (calls.append("rename"), real_replace(a, b))[1])
    write_text(tmp_path / "a.txt", "x")
    assert calls == ["sync", "rename", "sync"]


def test_killed_writer_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    code = ("import os, sys; from neurosim.storage import atomic_file\n"
            "with atomic_file(sys.argv[1]) as file:\n    file.write(b'new'); file.flush(); os._exit(9)")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.txt")], check=False)
    assert done.returncode == 9
    assert (tmp_path / "a.txt").read_text() == "old"


def test_impossible_places_are_storage_errors(tmp_path):
    write_text(tmp_path / "file", "x")
    for path in (tmp_path / "none" / "a", tmp_path / "file" / "a", tmp_path, tmp_path / ("n" * 300)):
        with pytest.raises(StorageError):
            write_text(path, "x")
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(StorageError, match="cannot read the file"):
            read_bytes(path)
        with pytest.raises(StorageError, match="cannot read the file"):
            sha256_file(path)
    with pytest.raises(StorageError, match="cannot create the folder"):
        make_folder(tmp_path / "file" / "run")
    assert make_folder(tmp_path / "a" / "b").is_dir()


def test_changed_byte_is_damage(tmp_path):
    digest = write_atomic(tmp_path / "a.bin", b"12345678")
    (tmp_path / "a.bin").write_bytes(b"12345679")
    with pytest.raises(StorageError, match=r"a\.bin: damaged: 8 bytes"):
        read_bytes(tmp_path / "a.bin", digest)
    with pytest.raises(StorageError, match="damaged"):
        read_json(tmp_path / "a.bin", digest)


def test_json_refuses_what_json_cannot_say(tmp_path):
    for bad in (float("nan"), float("inf"), object(), {"a": [float("nan")]}):
        with pytest.raises(StorageError, match="cannot write JSON"):
            write_json(tmp_path / "a.json", bad)
    assert not (tmp_path / "a.json").exists()
    write_json(tmp_path / "a.json", {"µ": [1, 2.5, None]})
    assert read_json(tmp_path / "a.json") == {"µ": [1, 2.5, None]}
    for bad in (b"", b"{", b"\xff", b"[" * 100_000):
        (tmp_path / "a.json").write_bytes(bad)
        with pytest.raises(StorageError, match="not valid JSON"):
            read_json(tmp_path / "a.json")


def test_hash_of_json_does_not_depend_on_the_order_of_keys():
    assert sha256_json({"a": 1, "b": [1, 2]}) == sha256_json({"b": [1, 2], "a": 1})
    assert sha256_json({"a": 1}) != sha256_json({"a": 1.5})


def test_second_writer_of_a_folder_is_refused_and_told_by_whom(tmp_path):
    with RunLock(tmp_path) as lock:
        assert lock.held
        with pytest.raises(StorageError, match=f"in use by process {os.getpid()} on {socket.gethostname()}") as caught:
            RunLock(tmp_path).acquire()
        assert caught.value.exit_code == 5
        assert lock.held
    assert not lock.held
    with RunLock(tmp_path):
        pass
    assert os.listdir(tmp_path) == []


def test_writer_in_another_process_is_refused(tmp_path):
    code = ("import sys; from neurosim.run_lock import RunLock; from neurosim.errors import StorageError\n"
            "try: RunLock(sys.argv[1]).acquire()\nexcept StorageError as error: sys.exit(error.exit_code)")
    with RunLock(tmp_path):
        assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 5


def test_lock_of_a_killed_process_is_taken_over(tmp_path):
    code = "import os, sys; from neurosim.run_lock import RunLock; RunLock(sys.argv[1]).acquire(); os._exit(0)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert (tmp_path / LOCK_NAME).exists()
    with RunLock(tmp_path) as lock:
        assert lock.held
    assert os.listdir(tmp_path) == []


def forge(folder, **changes):
    owner = {"pid": os.getpid(), "host": socket.gethostname(), "born": run_lock._birth(os.getpid()), "token": "other"}
    (folder / LOCK_NAME).write_text(json.dumps({**owner, **changes}))


def test_used_again_process_number_does_not_keep_a_stale_lock(tmp_path):
    forge(tmp_path, born="another boot:1")
    with RunLock(tmp_path) as lock:
        assert lock.held


def test_lock_of_another_host_is_respected(tmp_path):
    forge(tmp_path, host="elsewhere", pid=999_999_999)
    with pytest.raises(StorageError, match=r"in use by process 999999999 on elsewhere.*delete run\.lock"):
        RunLock(tmp_path).acquire()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_unreadable_lock_is_respected_while_young_and_taken_when_old(tmp_path, content):
    path = tmp_path / LOCK_NAME
    path.write_bytes(content)
    with pytest.raises(StorageError, match="in use"):
        RunLock(tmp_path).acquire()
    old = time.time() - 60
    os.utime(path, (old, old))
    with RunLock(tmp_path) as lock:
        assert lock.held


def test_lost_lock_is_not_deleted_for_its_new_owner(tmp_path):
    lock = RunLock(tmp_path).acquire()
    forge(tmp_path)
    assert not lock.held
    lock.release()
    assert (tmp_path / LOCK_NAME).exists()


def test_lock_works_without_hard_links(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(run_lock.os, "link", no_links)
    with RunLock(tmp_path) as lock:
        assert lock.held
        with pytest.raises(StorageError, match="in use"):
            RunLock(tmp_path).acquire()


def test_lock_in_a_missing_folder_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError):
        RunLock(tmp_path / "none").acquire()
