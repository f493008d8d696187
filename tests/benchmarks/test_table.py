"""From timed cases to the table: goals, share of the peak, plans of trips, the division of a budget."""

import json

import pytest

from benchmarks import budget, chart, goals, peak, report, steady_state, warm
from benchmarks.catalog import PEERS, able
from benchmarks.session import Session
from benchmarks.steady_state import LEAN, Plan, plan
from benchmarks.workloads import WORKLOADS, find
from tests.benchmarks.fakes import FakeWorker

OPS = 1.2e9


def case(ranvier=1.0, pytorch=3.0, workload="lstm", batch=32):
    times = {"ranvier": ranvier, "pytorch": pytorch, "equinox": 0.1}
    peers = {
        peer: {
            "ms_per_step": {"median": ms},
            "ratio": {"median": ms / ranvier, "low": ms / ranvier - 0.1, "high": ms / ranvier + 0.1},
        }
        for peer, ms in times.items()
    }
    return {"workload": workload, "batch": batch, "flops_per_step": OPS, "peers": peers, "agreement": {}}


def test_a_goal_is_met_by_the_ratio_to_the_fastest_rival():
    verdict = goals.verdict(case(), "ranvier", 120_000.0)
    assert (verdict["fastest"], verdict["goal"], verdict["met_by"]) == ("pytorch", 2.5, ["ratio"])
    assert verdict["share_of_peak"]["pytorch"] == pytest.approx(1.2e9 / 3e-3 / 120e12)


def test_or_by_the_share_of_the_peak():
    assert goals.verdict(case(pytorch=2.0), "ranvier", 1_800.0)["met_by"] == ["share"]
    assert goals.verdict(case(pytorch=2.0), "ranvier", 1_900.0)["met_by"] == []
    assert goals.verdict(case(), "ranvier", 1_800.0)["met_by"] == ["ratio", "share"]


def test_where_no_goal_was_set_none_is_met():
    verdict = goals.verdict(case(batch=512, workload="mlp"), "ranvier", 1.0)
    assert (verdict["goal"], verdict["met_by"]) == (None, [])


def test_everybody_else_is_to_be_beaten_by_two():
    assert goals.verdict(case(workload="resnet20"), "ranvier", None)["goal"] == 2.0


def test_trips_by_speed():
    assert plan(1e-5, 100, 0.5) == Plan(100, 1 + 400)
    assert plan(1e-3, 100, 0.5) == Plan(100, 1 + 5)
    assert plan(1e-2, 100, 0.5) == Plan(25, 1 + 2)
    assert plan(0.4, 100, 0.5) == Plan(4, 1 + 1)
    assert plan(9.0, 1, 0.5).steps == 1


def test_a_lean_case_compiles_once_and_takes_what_rounds_its_time_allows():
    workers = {"ranvier": FakeWorker(ms=0.2), "equinox": FakeWorker(ms=0.5)}
    session = Session(dict(workers), settle_s=0.0)
    found = steady_state.measure(session, list(workers), "ranvier", "lstm", 32, LEAN, until=0.0)
    assert workers["ranvier"].asked[:3] == ["agree", "ready", "pace"]
    assert "prepare" not in workers["ranvier"].asked
    assert len(found["peers"]["equinox"]["ms_per_step"]["samples"]) == LEAN.rounds
    assert found["peers"]["equinox"]["ratio"]["median"] == pytest.approx(2.5)
    assert found["flops_per_step"] == 32 * steady_state.flops.training(WORKLOADS["lstm"])
    longer = steady_state.measure(session, list(workers), "ranvier", "lstm", 32, LEAN)
    assert len(longer["peers"]["equinox"]["ms_per_step"]["samples"]) == steady_state.MOST_ROUNDS


def test_without_a_reference_the_median_of_the_others_decides():
    workers = {
        "ranvier": FakeWorker(losses=(0.7, 0.62)), "pytorch": FakeWorker(), "equinox": FakeWorker(),
        "keras_tf": FakeWorker(losses=(0.7, 0.9)),
    }  # fmt: skip
    session = Session(dict(workers), settle_s=0.0)
    found = steady_state.measure(session, list(workers), "ranvier", "lstm", 32, LEAN, until=0.0)
    assert {peer for peer, said in found["agreement"].items() if said["agrees"]} == {"pytorch", "equinox"}
    assert {each["peer"] for each in session.failures} == {"ranvier", "keras_tf"}


def test_who_cannot_train_a_network_is_not_asked():
    assert able("sklearn", WORKLOADS["autoencoder"]) and not able("sklearn", WORKLOADS["cnn"])
    assert not able("optax", WORKLOADS["autoencoder"])
    assert all(able("equinox", work) for work in WORKLOADS.values())


def test_a_budget_gives_what_is_left_by_cost(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(budget.time, "perf_counter", lambda: clock[0])
    shared = budget.Budget(1.0, [("tiny", 32), ("transformer", 32)], started=100.0)
    total = find("tiny").cost + find("transformer").cost
    assert shared.until() == pytest.approx(100 + 60 * find("tiny").cost / total)
    clock[0] = 130.0  # the first one took longer than its share: the other has the rest
    assert shared.until() == pytest.approx(160.0)
    assert budget.Budget(None, [("tiny", 32)]).until() == float("inf")


def result_of(cases, **more):
    made = {
        "format": 2, "date": "2026-01-31", "quick": False, "effort": {"rounds": 5, "cold_rounds": 1},
        "machine": {"cpu": "A Processor", "cores": 2, "memory_gib": 8.0, "virtual": True},
        "baseline": "ranvier", "cases": cases, "predict": [], "failures": [], "peak": {"gflops": 2_000.0},
        "peers": {
            peer: {"title": PEERS[peer].title, "versions": {}, "notes": []}
            for peer in ("ranvier", "pytorch", "equinox")
        },
        **more,
    }  # fmt: skip
    for each in cases:
        each["verdict"] = goals.verdict(each, "ranvier", 2_000.0)
    return json.loads(json.dumps(made))


def test_the_table_of_training():
    text = report.markdown(result_of([case(), case(pytorch=1.5, batch=128)]))
    assert "| lstm, batch 32 | 1.00 | 3x (2.9 to 3.1) PyTorch eager | 2.5x | 60% | by ratio | 3x | 0.1x |" in text
    assert "| lstm, batch 128 | 1.00 | 1.5x (1.4 to 1.6) PyTorch eager | 2.8x | 60% | no | 1.5x | 0.1x |" in text
    assert "Peak: 2,000 GFLOP/s" in text


def test_who_had_other_losses_stands_in_the_table():
    one = case()
    del one["peers"]["pytorch"]
    one["agreement"] = {"pytorch": {"agrees": False}}
    text = report.markdown(result_of([one, case(batch=128)]))
    assert "| lstm, batch 32 | 1.00 | - | 2.5x | 60% | - | other losses | 0.1x |" in text


def test_a_sweep_marks_where_it_is_behind_and_is_drawn(tmp_path):
    swept = result_of([case(pytorch=0.8, workload="dense/32"), case(workload="dense/64")])
    text = report.markdown(swept)
    assert "| dense 32 | 1.00 | 0.8x (0.7 to 0.9) PyTorch eager **behind** |" in text
    assert "| dense 64 | 1.00 | 3x (2.9 to 3.1) PyTorch eager |" in text
    chart.draw_sweep(swept, tmp_path / "sweep.svg")
    assert "dense: width" in (tmp_path / "sweep.svg").read_text()
    with pytest.raises(ValueError, match="no sweep"):
        chart.draw_sweep(result_of([case()]), tmp_path / "none.svg")


def test_the_peak_is_the_largest_seen(monkeypatch):
    monkeypatch.setattr(peak, "SIDES", (64,))
    highest = peak.Peak(Session({"numpy": FakeWorker(), "pytorch": FakeWorker()}))
    highest.ask()
    assert highest.result()["gflops"] == 120.0
    assert [sample["peer"] for sample in highest.samples] == ["numpy", "pytorch"]
    assert all(speed > 0 for speed in peak.products().values())


def test_parts_of_a_run_come_one_by_one(monkeypatch, tmp_path):
    monkeypatch.setattr(warm, "RemoteWorker", lambda spec, python, cache, kept=False: FakeWorker(ms=0.2))
    pythons = dict.fromkeys(("numpy", "ranvier", "equinox"), "python")
    run = warm.Warm(pythons, LEAN, str(tmp_path), False, "ranvier", lambda text: None)
    run.session.settle_s = 0.0
    parts = list(run.parts(("steps", "inference", "models"), [("lstm", 32), ("lstm", 128)], 1e-9, ("lstm",)))
    known = [len(part["cases"]) for part in parts if "peak" in part]
    assert known == [1, 2]
    assert parts[2]["cases"][1]["agreement"]["equinox"]["losses_compared"] == steady_state.AGAIN_STEPS
    assert [(entry["workload"], entry["rows"]) for part in parts for entry in part.get("inference", [])] == [
        ("lstm", 1), ("lstm", 32),
    ]  # fmt: skip
    assert parts[-1]["peers"]["ranvier"]["title"] == "Ranvier"
