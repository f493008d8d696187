"""PyTorch in eager mode: the usual training loop, indexing tensors (faster than a DataLoader)."""

from typing import Any

import torch
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks.peers.contract import Floats, Labels
from benchmarks.workloads import ADAM_EPSILON, LEARNING_RATE, Workload


class PyTorch:
    """`nn.Sequential` of Linear, ReLU and Dropout, cross-entropy on logits, `optim.Adam`."""

    def __init__(self) -> None:
        self.model: Any = None
        self.optimizer: Any = None
        self.batch = 0

    def threads(self) -> int | None:
        """PyTorch's own count."""
        return int(torch.get_num_threads())

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Build the network and load the weights (PyTorch keeps kernels as [out, in])."""
        modules: list[Any] = []
        for layer, (fan_in, fan_out) in enumerate(zip(workload.sizes, workload.sizes[1:], strict=False)):
            linear = torch.nn.Linear(fan_in, fan_out)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weights[2 * layer].T.copy()))
                linear.bias.copy_(torch.from_numpy(weights[2 * layer + 1]))
            modules.append(linear)
            if layer < len(workload.sizes) - 2:
                modules.append(torch.nn.ReLU())
                modules += [torch.nn.Dropout(workload.dropout)] if dropout and workload.dropout else []
        self.model = torch.nn.Sequential(*modules)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE, eps=ADAM_EPSILON)
        self.batch = batch

    def fit(self, x: Floats, y: Labels, epochs: int, shuffle: bool) -> list[float]:
        """The loop of the tutorials, with running loss and accuracy as the others have."""
        inputs, labels = torch.from_numpy(x), torch.from_numpy(y).long()
        rows = len(inputs)
        self.model.train()
        losses: list[float] = []
        for _ in range(epochs):
            order = torch.randperm(rows) if shuffle else torch.arange(rows)
            total_loss, correct = 0.0, 0
            for chosen in order.split(self.batch):
                batch_x, batch_y = inputs[chosen], labels[chosen]
                self.optimizer.zero_grad()
                logits = self.model(batch_x)
                loss = functional.cross_entropy(logits, batch_y)
                loss.backward()
                self.optimizer.step()
                total_loss += loss.item() * len(chosen)
                correct += int((logits.argmax(1) == batch_y).sum())
            losses.append(total_loss / rows)
        return losses

    def predict(self, x: Floats) -> NDArray[Any]:
        """PyTorch has no other way than the call."""
        return self.call(x)

    def call(self, x: Floats) -> NDArray[Any]:
        """The network in evaluation and inference mode, with the softmax that the others have inside."""
        if self.model.training:
            self.model.eval()
        with torch.inference_mode():
            probabilities: NDArray[Any] = torch.softmax(self.model(torch.from_numpy(x)), dim=1).numpy()
        return probabilities


make = PyTorch
