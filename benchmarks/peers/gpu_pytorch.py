"""PyTorch on a GPU: tensors and loop on the device, eager or compiled with CUDA graphs."""

from typing import Any

import torch

from benchmarks.gpu_networks import Large, torch_module
from benchmarks.peers.contract import Floats
from benchmarks.peers.pytorch import PyTorch
from benchmarks.workloads import ADAM_EPSILON, LEARNING_RATE, Workload


class OnDevice(PyTorch):
    """The loop of the tutorials, which reads no number back before the end of an epoch; Adam is the fused one.

    Args:
        graphs: compile with `mode="reduce-overhead"`, which replays CUDA graphs.
    """

    def __init__(self, graphs: bool) -> None:
        super().__init__("eager")
        self.graphs = graphs
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.half = False
        self.kept: tuple[list[Any], Any] | None = None
        torch.set_default_device(self.device)
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Build the network of a workload with its weights."""
        super().build(workload, weights, batch, dropout)
        groups = [group["params"] for optimizer in self.optimizers for group in optimizer.param_groups]
        self._finish(groups, LEARNING_RATE)

    def build_large(self, work: Large, batch: int) -> None:
        """Build one of the larger networks."""
        torch.compiler.reset()
        torch.manual_seed(1)
        self.model, self.work, self.batch = torch_module(torch, work), _Loss(), batch
        self.half = work.policy == "mixed_bfloat16"
        self._finish([list(self.model.parameters())], 1e-4)

    def _finish(self, groups: list[Any], rate: float) -> None:
        self.model.to(self.device)
        fused = self.device == "cuda"
        self.optimizers = [torch.optim.Adam(group, lr=rate, eps=ADAM_EPSILON, fused=fused) for group in groups]
        if self.graphs:
            self.model = torch.compile(self.model, mode="reduce-overhead")
            self.judge = self.judge and torch.compile(self.judge, mode="reduce-overhead")

    def keep(self, x: Any, y: Any) -> None:
        """Take the data to the device, where they stay."""
        self.kept = self._tensors(x), self._labels(y)

    def fit_kept(self, epochs: int) -> float:
        """Train on the kept data; the last epoch's mean loss, when all is computed."""
        assert self.kept is not None
        inputs, labels = self.kept
        rows = len(labels)
        self.model.train()
        for _ in range(epochs):
            total = right = torch.zeros(())
            for chosen in torch.randperm(rows).split(self.batch):
                if self.graphs:
                    torch.compiler.cudagraph_mark_step_begin()
                loss, found = self.step([tensor[chosen] for tensor in inputs], labels[chosen])
                total, right = total + loss * len(chosen), right + found
        return float(total) / rows

    def step(self, x: list[Any], y: Any) -> tuple[Any, Any]:
        """One step; loss and right answers stay on the device."""
        if self.work.family == "gan":
            return self._adversaries(*x), 0
        (optimizer,) = self.optimizers
        optimizer.zero_grad()
        with torch.autocast(self.device, torch.bfloat16, enabled=self.half):
            answer = self.model(*x)
        answer = answer.float()
        loss = self._loss(answer, y)
        loss.backward()
        optimizer.step()
        return loss.detach(), self._right(answer.detach(), y)

    def _right(self, answer: Any, y: Any) -> Any:
        match self.work.loss:
            case "mse":
                return 0
            case "binary":
                return ((answer > 0) == (y > 0.5)).sum()
        return (answer.argmax(-1) == y).sum()

    def _tensors(self, x: Any) -> list[Any]:
        return [tensor.to(self.device) for tensor in super()._tensors(x)]

    def _labels(self, y: Any) -> Any:
        return super()._labels(y).to(self.device)


class _Loss:
    """What of a workload the loop asks for, of the larger ones."""

    family, loss = "large", "softmax"
