"""The store: each face is computed once, incomplete rows are not used, and what does not fit is refused first."""

import errno
import os
import subprocess
import sys
import time

import keras
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from keras import layers

from fer.data.dataset import FaceDataset
from fer.training.trunk_cache import filling, store
from fer.training.trunk_cache.__main__ import main
from fer.training.trunk_cache.cut import cut
from fer.training.trunk_cache.entry import Entry
from fer.training.trunk_cache.filling import fill
from fer.training.trunk_cache.graph import graph_of


def _filled(parts, dataset, half=False):
    return fill(parts, parts.crossing, dataset, half)


def _expected(parts, dataset):
    model = parts.frozen(parts.crossing)
    model.compile(jit_compile=False)
    return keras.tree.flatten(model.predict(dataset.faces(), batch_size=32, verbose=0))[0]


def _values(filled, dataset):
    (by_source,) = filled.values
    return by_source["synthetic"].array[dataset.samples["row"].to_numpy()]


def test_the_values_are_those_of_the_network_and_paid_for_once(cut_cnn, drawn):
    parts = cut_cnn()
    first = _filled(parts, drawn)
    assert np.array_equal(_values(first, drawn), _expected(parts, drawn))
    assert (first.faces, _filled(parts, drawn).faces, _filled(cut_cnn(), drawn).faces) == (len(drawn), 0, 0)


def test_only_the_faces_that_are_asked_for_are_computed_and_stored(cut_cnn, drawn):
    few, more = drawn.where(np.arange(10)), drawn.where(np.arange(5, 40))
    assert [_filled(cut_cnn(), dataset).faces for dataset in (few, more, drawn)] == [10, 30, len(drawn) - 40]


def test_mixtures_of_the_same_parts_share_their_rows(cut_cnn, pack):
    one, two = pack("one", shape=(48, 48)), pack("two", shape=(48, 48), seed=1)

    def mixture(*datasets):
        parts = {source: part for dataset in datasets for source, part in dataset.parts.items()}
        return FaceDataset("mixed", pd.concat([d.samples for d in datasets]), parts, one.lost)

    parts = cut_cnn()
    assert _filled(parts, mixture(one, two.where(np.arange(9)))).faces == 56 + 9
    filled = _filled(parts, mixture(two.where(np.arange(4, 12)), one))
    assert filled.faces == 3
    assert np.array_equal(filled.values[0]["two"].array[4:12], _expected(parts, two)[4:12])


def test_other_weights_sizes_and_faces_are_other_entries(cut_cnn, drawn, pack, tmp_path):
    assert _filled(cut_cnn(), drawn).faces == 92
    assert _filled(cut_cnn(given="none"), drawn).faces == 92
    assert _filled(cut_cnn(input_size=32), drawn).faces == 92
    first = pack("one", shape=(48, 48))
    changed = pack("one", shape=(48, 48), seed=1, folder=tmp_path / "changed")
    assert [_filled(cut_cnn(), dataset).faces for dataset in (first, changed, first)] == [56, 56, 0]


def test_what_was_written_and_not_marked_is_computed_again(cut_cnn, drawn, monkeypatch):
    parts = cut_cnn()
    write = Entry.write

    def half_a_write(entry, rows, values):
        write(entry, rows, values * 0)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Entry, "write", half_a_write)
        with pytest.raises(KeyboardInterrupt):
            _filled(parts, drawn)
    filled = _filled(parts, drawn)
    assert filled.faces == len(drawn)
    assert np.array_equal(_values(filled, drawn), _expected(parts, drawn))


@pytest.mark.parametrize("name", ["values.bin", "rows.bin", "entry.json"])
def test_a_damaged_entry_is_made_again(cut_cnn, drawn, own_store, name):
    parts = cut_cnn()
    _filled(parts, drawn)
    (damaged,) = own_store.glob(f"*/{name}")
    damaged.write_bytes(damaged.read_bytes()[:5])
    filled = _filled(parts, drawn)
    assert filled.faces == len(drawn)
    assert np.array_equal(_values(filled, drawn), _expected(parts, drawn))


def test_half_precision_is_near_and_half_as_large(cut_cnn, drawn, own_store):
    parts = cut_cnn()
    exact, half = _values(_filled(parts, drawn), drawn), _values(_filled(parts, drawn, half=True), drawn)
    assert half.dtype == np.float16
    assert np.allclose(exact, half, rtol=2**-11, atol=1e-6)
    assert len({path.stat().st_size for path in own_store.glob("*/values.bin")}) == 2


def test_a_value_too_large_for_half_precision_is_refused(drawn, refused):
    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = layers.Conv2D(2, 3, kernel_initializer=keras.initializers.Constant(1e4), trainable=False)(
        layers.Rescaling(1.0)(faces)
    )
    model = keras.Model(faces, layers.Dense(2)(layers.Flatten()(x)))
    with refused("too large for float16", "auto"):
        _filled(cut(graph_of(model)), drawn, half=True)


def test_what_does_not_fit_is_refused_before_any_work(cut_cnn, drawn, own_store, monkeypatch, refused):
    monkeypatch.setenv("FER_CACHE_GB", "0.00001")
    monkeypatch.setattr(filling, "pass_rows", lambda *_: pytest.fail("it computed"))
    with refused("92 faces", str(own_store), "FER_CACHE_GB", "float16 or off", "limit"):
        _filled(cut_cnn(), drawn)
    assert store.listing() == []
    monkeypatch.setenv("FER_CACHE_GB", "much")
    with refused("FER_CACHE_GB 'much'"):
        _filled(cut_cnn(), drawn)


def test_the_size_is_reported_before_the_work(cut_cnn, drawn, own_store, capfd):
    _filled(cut_cnn(), drawn)
    output = capfd.readouterr().err
    assert "92 faces" in output and "MB in" in output and str(own_store) in output
    _filled(cut_cnn(), drawn)
    assert capfd.readouterr().err == ""


def test_the_least_recently_used_entries_make_room_unless_they_are_in_use(cut_cnn, drawn, monkeypatch, refused):
    oldest, older = cut_cnn(unfrozen=0), cut_cnn(given="none")
    _filled(oldest, drawn)
    for entry in store.listing():
        os.utime(store.store_folder() / entry.key / "entry.json", (1, 1))
    held = _filled(older, drawn)
    taken = sum(entry.disk_bytes for entry in store.listing())
    monkeypatch.setenv("FER_CACHE_GB", str(taken * 1.2 / 1e9))
    newest = _filled(cut_cnn(given="none"), drawn)
    assert (newest.faces, _filled(older, drawn).faces) == (92, 0)
    assert len(store.listing()) == 2
    with refused("are used"):
        _filled(oldest, drawn)
    del held, newest


@pytest.mark.parametrize("step", ["create", "write"])
def test_a_full_disk_is_a_sentence_and_what_is_there_stays(step, cut_cnn, drawn, monkeypatch, refused):
    _filled(cut_cnn(), drawn.where(np.arange(20)))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Entry, step, full)
        with refused("No space left", "free disk space"):
            _filled(cut_cnn(), drawn)
    assert _filled(cut_cnn(), drawn).faces == len(drawn) - 20


TWO = """
import sys, time
from pathlib import Path
from fer.data.dataset import load_dataset
from fer.models import build_model, freeze, backbone_of
from fer.training.trunk_cache import filling
from fer.training.trunk_cache.cut import cut
from fer.training.trunk_cache.graph import graph_of
folder, weights, go, mine = sys.argv[1:]
dataset = load_dataset(folder)
model = build_model("cnn", (48, 48, 1), 7, 0.1, weights=weights)
freeze(backbone_of(model), 0)
parts = cut(graph_of(model))
slowly = filling.pass_rows
filling.pass_rows = lambda *given: (time.sleep(1.5), slowly(*given))
Path(mine).touch()
while not Path(go).exists():
    time.sleep(0.01)
print(filling.fill(parts, parts.crossing, dataset).faces)
"""


def test_two_processes_at_once_compute_each_face_once(drawn, weights, tmp_path):
    folder = drawn.parts["synthetic"].address
    ready = [tmp_path / name for name in ("first", "second")]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, folder, weights, tmp_path / "go", mine],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for mine in ready
    ]
    while not all(path.exists() for path in ready) and all(process.poll() is None for process in started):
        time.sleep(0.05)
    (tmp_path / "go").touch()
    outputs = [process.communicate(timeout=60) for process in started]
    assert sorted(int(out) for out, _ in outputs) == [0, len(drawn)], outputs
    assert sum("waiting for it" in error for _, error in outputs) == 1


def test_entries_are_listed_and_removed_but_not_while_they_are_used(cut_cnn, drawn):
    held = _filled(cut_cnn(), drawn)
    output = CliRunner().invoke(main).output
    assert "cnn_pooled" in output and "92 of 92" in output and "yes" in output
    assert "0 of 1 entries removed" in CliRunner().invoke(main, ["--remove", "0"]).output
    del held
    assert "0 of 0 entries removed" in CliRunner().invoke(main, ["--remove", "30"]).output
    assert "1 of 1 entries removed" in CliRunner().invoke(main, ["--remove", "0"]).output
    assert store.listing() == []
