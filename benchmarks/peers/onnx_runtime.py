"""ONNX Runtime: answers with the PyTorch network as PyTorch exports it; it does not train."""

import io
import warnings
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from benchmarks.datasets import load
from benchmarks.networks import torch_modules
from benchmarks.peers.contract import Floats
from benchmarks.workloads import LATENT, Workload

EXPORT_ROWS = 4


class Answering(torch.nn.Module):  # type: ignore[misc]
    """A network with the probabilities that the others answer."""

    def __init__(self, network: torch_modules.Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *x: Any) -> Any:
        """Maps come channels last, as they come to the others."""
        work = self.network.work
        if work.family in torch_modules.PICTURES:
            x = tuple(each.permute(0, 3, 1, 2) for each in x)
        answer = self.network(*x)
        match work.loss:
            case "binary":
                return torch.sigmoid(answer)[:, None]
            case "softmax":
                return torch.softmax(answer, dim=1)
        return answer


class OnnxRuntime:
    """A session with its defaults on the processor, any number of rows."""

    def __init__(self) -> None:
        self.session: Any = None
        self.work: Any = None

    def threads(self) -> int | None:
        """Its defaults, which it does not say."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Export the PyTorch network with these weights and load it."""
        network = Answering(torch_modules.Network(workload, weights, random=False)).eval()
        self.work = workload
        x, _ = load(workload, EXPORT_ROWS)
        tensors = [torch.from_numpy(array) for array in self._arrays(x)]
        names = [f"x{place}" for place in range(len(tensors))]
        file = io.BytesIO()
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network, tuple(tensors), file, dynamo=False, opset_version=17, input_names=names,
                output_names=["answer"], dynamic_axes={name: {0: "rows"} for name in (*names, "answer")},
            )  # fmt: skip
        self.session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
        expected, found = network(*tensors).detach().numpy(), self.call(x)
        if not np.allclose(expected, found, atol=1e-4):
            raise ValueError(f"the exported network differs from PyTorch's by {np.abs(expected - found).max():.1e}")

    def fit(self, x: Any, y: Any, epochs: int, shuffle: bool) -> list[float]:
        """It cannot."""
        raise NotImplementedError("ONNX Runtime does not train here")

    def predict(self, x: Any) -> NDArray[Any]:
        """The same as `call`."""
        return self.call(x)

    def call(self, x: Any) -> NDArray[Any]:
        """`session.run`."""
        feed = {f"x{place}": array for place, array in enumerate(self._arrays(x))}
        answer: NDArray[Any] = self.session.run(None, feed)[0]
        return answer

    def _arrays(self, x: Any) -> list[Any]:
        if self.work.family == "gan":
            return [x[1][:, :LATENT]]
        return x if isinstance(x, list) else [x]


make = OnnxRuntime
