import json
import sys

import pytest

from benchmarks import installed_size, machine, run
from benchmarks.catalog import PEERS, environment, find_interpreter
from benchmarks.protocol import without_paths, wording
from benchmarks.remote import PeerError, RemoteWorker


def test_a_worker_answers_fails_politely_and_ends():
    worker = RemoteWorker(PEERS["numpy"], sys.executable, cache="", timeout=60)
    try:
        assert worker.ask("hello")["versions"]["numpy"].count(".") == 2
        answer = worker.ask("agree", workload="tiny", batch=4, steps=3)
        assert answer["mean_of_one_fit"] == pytest.approx(sum(answer["losses"]) / 3, rel=1e-6)
        with pytest.raises(PeerError, match="KeyError: 'nothing'"):
            worker.ask("agree", workload="nothing", batch=4, steps=3)
        assert worker.ask("agree", workload="tiny", batch=4, steps=3, once=True)["work"] == answer["work"]
        worker.ask("ready", workload="tiny", batch=32, rows=64)
        assert len(worker.ask("trip", steps=1, epochs=4)["epochs_s"]) == 3
        assert min(worker.ask("trip", steps=2, epochs=3)["epochs_s"]) > 0
        assert worker.ask("memory")["peak_mib"] is None or worker.ask("memory")["peak_mib"] > 5
    finally:
        worker.close()
    assert worker.process.returncode == 0


def test_a_worker_that_dies_is_an_error_and_not_a_hang():
    worker = RemoteWorker(PEERS["numpy"], sys.executable, cache="", timeout=60)
    worker.process.kill()
    with pytest.raises(PeerError, match="exit status -9"):
        worker.ask("hello")
    worker.close()


def test_messages_hold_no_paths_of_this_machine():
    error = OSError("cannot open /home/someone/.venv/lib/file.so: no such\nfile")
    assert wording(error) == "OSError: cannot open file.so: no such file"
    assert without_paths("a / b, 3/4 and keras/src") == "a / b, 3/4 and keras/src"


def test_worker_environment_is_the_frameworks_own_choice(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    plain = environment(PEERS["keras_jax"], cache="folder")
    assert "OMP_NUM_THREADS" not in plain
    assert "JAX_COMPILATION_CACHE_DIR" not in plain
    assert (plain["KERAS_BACKEND"], plain["XDG_CACHE_HOME"]) == ("jax", "folder")
    assert environment(PEERS["keras_jax_cached"], cache="folder")["JAX_COMPILATION_CACHE_DIR"] == "folder/jax"


def test_a_peer_that_is_nowhere_has_no_interpreter(monkeypatch):
    monkeypatch.setenv("RANVIER_PEERS_PYTHON", "no-such-python")
    assert find_interpreter(PEERS["pytorch"]) is None
    assert find_interpreter(PEERS["numpy"]) == sys.executable


def test_installed_size_follows_requirements():
    alone, closure = installed_size.measure(("numpy",)), installed_size.measure(("scikit-learn",))
    assert alone["packages"] == 1
    assert closure["packages"] > 3
    assert closure["installed_mib"] > alone["installed_mib"] > 1
    assert installed_size.measure(("no-such-package|numpy",)) == alone
    with pytest.raises(ModuleNotFoundError):
        installed_size.measure(("no-such-package",))


def test_machine_says_what_but_not_whose():
    described = json.dumps(machine.describe())
    assert machine.cores() >= 1
    assert machine.platform.node() not in described
    assert machine.slug().endswith("-cores")
    assert machine.slug() == machine.slug().lower().replace(" ", "-")


def test_run_writes_a_result_even_when_nobody_is_installed(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("RANVIER_PEERS_PYTHON", "no-such-python")
    out = tmp_path / "result.json"
    options = ["--quick", "--peers", "pytorch", "--measures", "steps", "--workloads", "tiny", "--out", str(out)]
    assert run.main(options) == 1
    result = json.loads(out.read_text())
    assert result["failures"] == [{"peer": "pytorch", "where": "start", "error": "not installed: needs torch"}]
    assert "Failed: PyTorch eager, start" in capsys.readouterr().out


def test_a_wrong_option_is_refused(capsys):
    with pytest.raises(SystemExit):
        run.parse(["--workloads", "tiny,huge"])
    assert "huge: choose from tiny, mlp, cnn" in capsys.readouterr().err
