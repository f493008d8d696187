"""PyTorch, eager or compiled: the usual training loop, indexing tensors (faster than a DataLoader)."""

from typing import Any

import torch
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks.networks import torch_modules
from benchmarks.peers.contract import Ended, Floats, unheard
from benchmarks.workloads import ADAM_EPSILON, LATENT, LEARNING_RATE, Workload


class PyTorch:
    """A module, its loss on logits, `optim.Adam`; `how` is `eager` or `compile`."""

    def __init__(self, how: str = "eager") -> None:
        self.compiled = how == "compile"
        self.model: Any = None
        self.judge: Any = None
        self.optimizers: list[Any] = []
        self.work: Any = None
        self.random = False
        self.batch = 0

    def threads(self) -> int | None:
        """PyTorch's own count."""
        return int(torch.get_num_threads())

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Build the network, load the weights, and compile it where that is asked for."""
        if self.compiled:
            torch.compiler.reset()
        network = torch_modules.Network(workload, weights, dropout)
        groups: list[Any] = [network.parameters()]
        if workload.family == "gan":
            names = ("generator", "discriminator")
            groups = [[w for n, w in network.named_parameters() if n.startswith(f"parts.{name}")] for name in names]
            judge: Any = lambda x: torch_modules.judge(network, x)  # noqa: E731
            self.judge = torch.compile(judge) if self.compiled else judge
        self.optimizers = [torch.optim.Adam(group, lr=LEARNING_RATE, eps=ADAM_EPSILON) for group in groups]
        self.model = torch.compile(network) if self.compiled else network
        self.work, self.batch, self.random = workload, batch, dropout

    def fit(self, x: Any, y: Any, epochs: int, shuffle: bool, ended: Ended = unheard) -> list[float]:
        """The loop of the tutorials, with running loss and accuracy as the others have."""
        inputs, labels = self._tensors(x), self._labels(y)
        rows = len(labels)
        self.model.train()
        losses: list[float] = []
        for _ in range(epochs):
            order = torch.randperm(rows) if shuffle else torch.arange(rows)
            total, correct = 0.0, 0
            for chosen in order.split(self.batch):
                loss, right = self.step([tensor[chosen] for tensor in inputs], labels[chosen])
                total += loss * len(chosen)
                correct += right
            losses.append(total / rows)
            ended()
        return losses

    def fit_stream(self, stream: Any) -> None:
        """One epoch over batches of NumPy arrays or tensors that come from outside."""
        self.model.train()
        for x, y in stream:
            self.step(self._tensors(x), self._labels(y))

    def step(self, x: list[Any], y: Any) -> tuple[float, int]:
        """One step on a batch; loss and right answers."""
        if self.work.family == "gan":
            return self._adversaries(*x), 0
        (optimizer,) = self.optimizers
        optimizer.zero_grad()
        answer = self.model(*x)
        loss = self._loss(answer, y)
        loss.backward()
        optimizer.step()
        return loss.item(), self._right(answer, y)

    def evaluate(self, x: Any, y: Any) -> float:
        """Mean loss and accuracy over batches of 32, Keras's default."""
        inputs, labels = self._tensors(x), self._labels(y)
        self.model.eval()
        total, correct = 0.0, 0
        with torch.inference_mode():
            for chosen in torch.arange(len(labels)).split(32):
                answer, wanted = self.model(*(tensor[chosen] for tensor in inputs)), labels[chosen]
                total += self._loss(answer, wanted).item() * len(chosen)
                correct += self._right(answer, wanted)
        return total / len(labels)

    def predict(self, x: Any) -> NDArray[Any]:
        """PyTorch has no other way than the call."""
        return self.call(x)

    def call(self, x: Any) -> NDArray[Any]:
        """The network in evaluation and inference mode, with the probabilities that the others have inside."""
        if self.model.training:
            self.model.eval()
        with torch.inference_mode():
            answer = self.model(*self._tensors(x[1] if self.work.family == "gan" else x))
            found: NDArray[Any] = self._probabilities(answer).numpy()
        return found

    def _adversaries(self, real: Any, noise: Any) -> float:
        """The discriminator's step on made and real pictures, then the generator's."""
        making, judging = self.optimizers
        binary = functional.binary_cross_entropy_with_logits
        rows = len(real)
        first, second = noise[:, :LATENT], noise[:, LATENT:]
        if self.random:
            first, second = torch.randn(2, rows, LATENT)
        with torch.no_grad():
            made = self.model(first)
        judging.zero_grad()
        labels = torch.cat([torch.zeros(rows, 1), torch.ones(rows, 1)])
        judged = binary(self.judge(torch.cat([made, real])), labels)
        judged.backward()
        judging.step()
        making.zero_grad()
        fooled = binary(self.judge(self.model(second)), torch.ones(rows, 1))
        fooled.backward()
        making.step()
        return float(judged.item() + fooled.item())

    def _tensors(self, x: Any) -> list[Any]:
        arrays = x if isinstance(x, list) else [x]
        tensors = [torch.as_tensor(array) for array in arrays]
        if self.work.family in torch_modules.PICTURES:
            return [tensor.permute(0, 3, 1, 2) for tensor in tensors]
        return tensors

    def _labels(self, y: Any) -> Any:
        labels = torch.as_tensor(y)
        return labels.float() if self.work.loss in ("binary", "mse") else labels.long()

    def _loss(self, answer: Any, y: Any) -> Any:
        match self.work.loss:
            case "mse":
                return functional.mse_loss(answer, y)
            case "binary":
                return functional.binary_cross_entropy_with_logits(answer, y)
        return functional.cross_entropy(answer.flatten(0, -2), y.flatten())

    def _right(self, answer: Any, y: Any) -> int:
        match self.work.loss:
            case "mse":
                return 0
            case "binary":
                return int(((answer > 0) == (y > 0.5)).sum())
        return int((answer.argmax(-1) == y).sum())

    def _probabilities(self, answer: Any) -> Any:
        match self.work.loss:
            case "binary":
                return torch.sigmoid(answer)[:, None]
            case "softmax":
                return torch.softmax(answer, dim=1)
        return answer


make = PyTorch
