"""A worker without a process, whose clock is arithmetic: `ms` per step, `start_s` for every call of fit."""

from benchmarks.remote import PeerError


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

    def agree(self, workload, batch, steps, once=False):
        losses = (self.losses * steps)[:steps]
        mean = None if once else sum(losses) / steps
        return {"losses": losses, "mean_of_one_fit": mean, "work": self.work, "data": "synthetic"}

    def prepare(self, workload, batch, rows):
        return {"build_s": 0.25, "first_epoch_s": self.start_s + rows // batch * self.ms / 1e3, "loss": 0.7}

    def ready(self, workload, batch, rows):
        return {}

    def pace(self, limit_s):
        return {"step_s": self.ms / 1e3}

    def trip(self, steps, epochs):
        return {"epochs_s": [steps * self.ms / 1e3] * (epochs - 1), "loss": 0.1}

    def products(self):
        return {"1024": 100.0, "2048": 120.0}

    def answerer(self, workload):
        return {}

    def evaluate(self, rows, seconds):
        return {"microseconds": 1e3 * self.ms * rows}

    def many_models(self, count):
        return {"models": count, "growth_mib": 2.0, "mib_per_model": 2.0 / count}

    def hello(self):
        return {"versions": {}, "threads": None, "python": "3"}

    def memory(self):
        return {"peak_mib": 1.0}

    def size(self):
        return {"installed_mib": 1.0}

    def predict(self, rows, how, seconds):
        return {"microseconds": 1e3 * self.ms * rows}

    def prepare_extras(self, workload, batch, rows):
        return {}

    def extras(self):
        return {"plain_ms": self.ms, "extras_ms": 1.5 * self.ms}
