"""A worker without a process, whose clock is arithmetic: `ms` per step, `start_s` for every call of fit."""

from benchmarks.remote import PeerError

STEPS_PER_EPOCH = 100


class FakeWorker:
    def __init__(self, ms=1.0, start_s=0.5, losses=(0.7, 0.6), work="equal", broken=""):
        self.ms, self.start_s, self.losses, self.work, self.broken = ms, start_s, list(losses), work, broken
        self.asked = []

    def cpu_seconds(self):
        return 0.0

    def ask(self, do, **arguments):
        self.asked.append(do)
        if do == self.broken:
            raise PeerError(f"ValueError: {do} is broken")
        return getattr(self, do)(**arguments)

    def fit_s(self, epochs):
        return self.start_s + epochs * STEPS_PER_EPOCH * self.ms / 1e3

    def agree(self, workload, batch, steps):
        losses = (self.losses * steps)[:steps]
        return {"losses": losses, "mean_of_one_fit": sum(losses) / steps}

    def prepare(self, workload, batch, rows):
        return {"build_s": 0.25, "first_epoch_s": self.fit_s(1), "loss": 0.7, "work": self.work, "data": "synthetic"}

    def trip(self, epochs):
        return {
            "short_s": self.fit_s(1), "long_s": self.fit_s(epochs), "loss": 0.1,
            "steps_per_epoch": STEPS_PER_EPOCH, "extra_epochs": epochs - 1,
        }  # fmt: skip

    def predict(self, rows, how, seconds):
        return {"microseconds": 1e3 * self.ms * rows}

    def prepare_extras(self, workload, batch, rows):
        return {}

    def extras(self):
        return {"plain_ms": self.ms, "extras_ms": 1.5 * self.ms}
