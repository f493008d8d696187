"""Event files: their bytes, what a run writes into them, and that a resumed run goes on in them."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
import pytest

from ranvier import layers
from ranvier._errors import InvalidArgument
from ranvier.callbacks import CallbackList, TensorBoard, event_file
from ranvier.models import Model, Sequential
from ranvier.optimizers import SGD
from tests.callbacks import event_reader
from tests.callbacks.fakes import FakeModel, run, train

X = np.arange(24, dtype="float32").reshape(12, 2) / 24
Y = X.sum(1)


def board(folder, **options):
    return TensorBoard(folder, write_graph=False, **options)


def fitted(callback, epochs=2, **options):
    model = Sequential([layers.Input((2,)), layers.Dense(3, name="hidden"), layers.Dense(1)])
    model.compile(SGD(0.1), "mse")
    return model, model.fit(X, Y, batch_size=4, epochs=epochs, seed=1, verbose=0, callbacks=[callback], **options)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One run that writes everything."""
    folder = tmp_path_factory.mktemp("logs")
    callback = TensorBoard(folder, histogram_freq=1, write_images=True, write_steps_per_second=True, update_freq=2)
    model, history = fitted(callback, validation_data=(X, Y))
    return folder, model, history.history


def in_folder(folder):
    (path,) = folder.glob("events.out.tfevents.*")
    return event_reader.values(path)


def test_points_per_epoch_and_per_step(written):
    folder, _, history = written
    points = {}
    for step, tag, value in event_reader.scalars(folder / "train"):
        points.setdefault(tag, []).append((step, value))
    assert points["epoch_loss"] == [(n, pytest.approx(v, rel=1e-6)) for n, v in enumerate(history["loss"])]
    assert [value for _, value in points["epoch_learning_rate"]] == [pytest.approx(0.1)] * 2
    # Three steps an epoch: every second one, counted over epochs.
    assert [step for step, _ in points["batch_loss"]] == [2, 4, 6]
    assert points["batch_loss"][2][1] == pytest.approx(history["loss"][1], rel=1e-6)
    assert all(value > 0 for tag in ("epoch_", "batch_") for _, value in points[f"{tag}steps_per_second"])
    held_out = event_reader.scalars(folder / "validation")
    expected = [(n, "epoch_loss", pytest.approx(v, rel=1e-6)) for n, v in enumerate(history["val_loss"])]
    assert [point for point in held_out if point[1] == "epoch_loss"] == expected
    assert [step for step, tag, _ in held_out if tag == "evaluation_loss_vs_iterations"] == [3, 6]


def test_histograms_and_pictures_of_weights(written):
    folder, model, _ = written
    found = in_folder(folder / "train")
    histograms = {tag: value for step, tag, plugin, value in found if plugin == "histograms" and step == 1}
    assert set(histograms) == {
        f"{layer}/{name}/histogram" for layer in ("hidden", "dense") for name in ("kernel", "bias")
    }
    kernel = np.asarray(model.get_layer("hidden").kernel)
    buckets = np.array(histograms["hidden/kernel/histogram"])
    counts, edges = np.histogram(kernel.astype("float64"), 30)
    np.testing.assert_array_equal(buckets, np.stack([edges[:-1], edges[1:], counts], 1))
    pictures = {tag: value for step, tag, plugin, value in found if plugin == "images" and step == 1}
    width, height, png = pictures["hidden/kernel/image"]
    assert (width, height) == (b"3", b"2")
    assert struct.unpack(">II", png[16:24]) == (3, 2)
    start = png.index(b"IDAT") + 4
    rows = zlib.decompress(png[start : start + int.from_bytes(png[start - 8 : start - 4], "big")])
    assert rows[0] == rows[4] == 0 and max(rows) == 255 and len(rows) == 8


def test_the_graph_is_written_once_and_first(written):
    folder, model, _ = written
    (path,) = (folder / "train").glob("events.*")
    bodies = [event_reader.fields(body) for body in event_reader.records(path)]
    assert bodies[0][3] == [b"brain.Event:2"]
    (graph,) = [body[4][0] for body in bodies if 4 in body]
    nodes = [event_reader.fields(node) for node in event_reader.fields(graph)[1]]
    assert [node[1][0].decode() for node in nodes][1:] == ["hidden", model.layers[1].name]
    assert nodes[1][2] == [b"Dense"] and nodes[2][3] == [b"hidden"]
    plugins = ("text", "graph_keras_model")
    texts = {tag: value for _, tag, plugin, value in in_folder(folder / "train") if plugin in plugins}
    assert json.loads(texts["keras"])["class_name"] == "Sequential"
    assert b"    " in texts["model"] and b"hidden" in texts["model"]


def test_nothing_is_written_without_numbers(tmp_path):
    CallbackList([board(tmp_path)], model=FakeModel()).on_train_begin()
    assert not list(tmp_path.iterdir())


def test_a_metric_with_several_values_gives_a_curve_each(tmp_path):
    run([board(tmp_path)], [{"recall": [0.5, 1.0]}])
    assert event_reader.scalars(tmp_path / "train")[:2] == [(0, "epoch_recall/0", 0.5), (0, "epoch_recall/1", 1.0)]


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_resumed_run_writes_no_point_twice_and_loses_none(tmp_path, epochs):
    def story(folder, stop=None):
        """Run three epochs of five steps; forget what comes after `stop` epochs and two steps, and go on from there."""
        callback, model = board(folder, update_freq=2), FakeModel()
        listed = CallbackList([callback], model=model)
        listed.on_train_begin()
        for epoch in range(3):
            listed.on_epoch_begin(epoch)
            if epoch == stop:
                train(listed, 3)
                state = json.loads(json.dumps(listed.state_dict()))
                train(listed, 5, step=3)
                listed.on_epoch_end(epoch, {"loss": 99.0})  # after the checkpoint: to be forgotten
                listed = CallbackList([board(folder, update_freq=2)], model=FakeModel())
                listed.on_train_begin()
                listed.load_state_dict(state)
                train(listed, 5, step=3)
            else:
                train(listed, 5)
            listed.on_epoch_end(epoch, {"loss": float(epoch), "val_loss": 1.0})
        return event_reader.scalars(folder / "train"), event_reader.scalars(folder / "validation")

    whole = story(tmp_path / "whole")
    assert story(tmp_path / "parts", stop=epochs) == whole
    assert [step for step, tag, _ in whole[0] if tag == "batch_loss"] == [2, 4, 6, 8, 10, 12, 14]


def test_profiled_steps(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("jax.profiler.start_trace", lambda folder: told.append(folder))
    monkeypatch.setattr("jax.profiler.stop_trace", lambda: told.append("stop"))
    callback = board(tmp_path, profile_batch="7,8")
    run([callback], [{"loss": 1.0}] * 2, steps=5)
    assert told == [str(tmp_path / "train"), "stop"] and callback.every == "epoch"
    told.clear()
    broken = board(tmp_path, profile_batch=2)
    listed = CallbackList([broken], model=FakeModel())
    listed.on_train_begin()
    listed.on_epoch_begin(0)
    listed.on_train_batch_begin(0)
    listed.on_train_batch_end(0, {})
    listed.on_train_batch_begin(1)
    listed.close()
    assert told == [str(tmp_path / "train"), "stop"]


def test_vectors_for_the_projector(tmp_path):
    model = Sequential([layers.Input((3,)), layers.Embedding(4, 2, name="words"), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = board(tmp_path, embeddings_freq=1, embeddings_metadata={"words": "names.tsv"})
    model.fit(np.zeros((2, 3)), np.zeros(2), verbose=0, callbacks=[callback])
    table = np.loadtxt(tmp_path / "train" / "words.tsv")
    np.testing.assert_allclose(table, model.get_layer("words").get_weights()[0], rtol=1e-6)
    text = (tmp_path / "train" / "projector_config.pbtxt").read_text()
    assert 'tensor_path: "words.tsv"' in text and 'metadata_path: "names.tsv"' in text
    wrong = board(tmp_path, embeddings_freq=1, embeddings_metadata={"other": "x"})
    with pytest.raises(InvalidArgument, match="words"):
        model.fit(np.zeros((2, 3)), np.zeros(2), verbose=0, callbacks=[wrong])


@pytest.mark.parametrize(
    "options",
    [
        {"update_freq": 0},
        {"update_freq": "step"},
        {"profile_batch": (5, 2)},
        {"profile_batch": "a"},
        {"profile_batch": -1},
    ],
)
def test_what_cannot_be_done_is_refused(options):
    with pytest.raises(InvalidArgument):
        TensorBoard(**options)


def test_a_subclassed_model_gives_its_summary_only(tmp_path):
    class Plain(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return self.dense(inputs)

    model = Plain()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path)])
    assert {tag for _, tag, plugin, _ in in_folder(tmp_path / "train") if plugin != "scalars"} == {"model"}


def test_histograms_of_equal_and_of_no_numbers():
    def buckets(values):
        body = event_reader.fields(event_reader.fields(event_file.histogram("h", values)[1])[1][0])
        return np.array(event_reader.tensor(event_reader.fields(body[8][0])))

    equal = buckets([2.0, 2.0, 2.0])
    assert equal[-1].tolist() == [2.0, 2.0, 3.0] and equal[:, 2].sum() == 3
    assert buckets([])[:, 2].sum() == 0
    assert buckets([np.nan, 1.0, 3.0, np.inf])[:, 2].sum() == 2


def test_the_real_tensorboard_reads_it(written):
    # Imported here: it takes a second, which the other tests do without.
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.context import RequestContext

    folder, model, history = written
    runs = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
    provider = data_provider.MultiplexerDataProvider(runs, str(folder))

    def read(kind, plugin, run="train"):
        found = getattr(provider, f"read_{kind}")(RequestContext(), experiment_id="", plugin_name=plugin, downsample=99)
        return found[run]

    for where, name in (("train", "loss"), ("validation", "val_loss")):
        points = read("scalars", "scalars", where)["epoch_loss"]
        assert [(point.step, point.value) for point in points] == [
            (n, pytest.approx(value, rel=1e-6)) for n, value in enumerate(history[name])
        ]
    (*_, last) = read("tensors", "histograms")["hidden/kernel/histogram"]
    assert last.numpy.shape == (30, 3) and last.numpy[:, 2].sum() == model.get_layer("hidden").kernel.size
    (summary,) = read("tensors", "text")["model"]
    assert "hidden" in str(summary.numpy)
    pictures = read("blob_sequences", "images")["hidden/kernel/image"]
    (graph,) = read("blob_sequences", "graphs")["__run_graph__"]
    (keras,) = read("blob_sequences", "graph_keras_model")["keras"]
    blobs = [
        provider.read_blob(RequestContext(), blob_key=one.values[-1].blob_key) for one in (pictures[0], graph, keras)
    ]
    assert blobs[0].startswith(b"\x89PNG") and b"hidden" in blobs[1]
    assert json.loads(blobs[2])["class_name"] == "Sequential"
