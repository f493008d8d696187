"""Records the bytes that TensorFlow's own protobuf classes and record writer make of events.

Run with a Python that has TensorFlow: `python scripts/record_oracles/event_file.py`.
Writes tests/oracle/event_file.json (the records by name, as hexadecimal digits).
"""

import json
import os
import pathlib
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import graph_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorflow.core.util import event_pb2

TIME = 1700000000.25


def tensor(kind: int, shape: tuple[int, ...], **content) -> tensor_pb2.TensorProto:
    sizes = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in shape]
    return tensor_pb2.TensorProto(dtype=kind, tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=sizes), **content)


def summary(step: int, tag: str, value: tensor_pb2.TensorProto, plugin: str, kind: int, content: bytes = b"") -> bytes:
    data = summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin, content=content)
    entry = summary_pb2.Summary.Value(
        tag=tag, tensor=value, metadata=summary_pb2.SummaryMetadata(plugin_data=data, data_class=kind)
    )
    return event_pb2.Event(wall_time=TIME, step=step, summary=summary_pb2.Summary(value=[entry])).SerializeToString()


def events() -> dict[str, bytes]:
    counts, edges = np.histogram([1.0, 2.0, 4.0], 30)
    buckets = np.stack([edges[:-1], edges[1:], counts], axis=1).astype("<f8").tobytes()
    graph = graph_pb2.GraphDef()
    graph.node.add(name="x", op="InputLayer")
    graph.node.add(name="dense", op="Dense", input=["x"])
    graph.versions.producer = 1
    scalar = tensor(types_pb2.DT_FLOAT, (), tensor_content=np.float32(0.125).tobytes())
    histogram = tensor(types_pb2.DT_DOUBLE, (30, 3), tensor_content=buckets)
    text = tensor(types_pb2.DT_STRING, (), string_val=[b"{}"])
    return {
        "version": event_pb2.Event(wall_time=TIME, file_version="brain.Event:2").SerializeToString(),
        "scalar": summary(300, "epoch_loss", scalar, "scalars", summary_pb2.DATA_CLASS_SCALAR),
        "histogram": summary(1, "w/histogram", histogram, "histograms", summary_pb2.DATA_CLASS_TENSOR),
        "keras": summary(0, "keras", text, "graph_keras_model", 0, b"1"),
        "graph": event_pb2.Event(wall_time=TIME, graph_def=graph.SerializeToString()).SerializeToString(),
    }


def main() -> None:
    """Write the records."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name, message in events().items():
            path = str(pathlib.Path(folder) / name)
            with tf.io.TFRecordWriter(path) as writer:
                writer.write(message)
            found[name] = pathlib.Path(path).read_bytes().hex()
    document = {"tensorflow": tf.__version__, "time": TIME, "records": found}
    target = pathlib.Path(__file__).parents[2] / "tests" / "oracle" / "event_file.json"
    target.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
