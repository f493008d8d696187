import pytest

from benchmarks import steady_state
from benchmarks.remote import PeerError
from benchmarks.session import Session
from benchmarks.steady_state import QUICK

from .fakes import FakeWorker


def run(**workers):
    session = Session({"numpy": FakeWorker(), **workers}, settle_s=0.0)
    return session, steady_state.measure(session, list(workers), "ranvier", "mlp", 32, QUICK)


def test_steady_state_leaves_out_what_starting_costs():
    _, case = run(ranvier=FakeWorker(ms=0.2, start_s=0.1), pytorch=FakeWorker(ms=1.0, start_s=2.0))
    assert case["peers"]["pytorch"]["ms_per_step"]["median"] == pytest.approx(1.0)
    assert case["peers"]["pytorch"]["ratio"]["median"] == pytest.approx(5.0)
    assert case["peers"]["pytorch"]["first_call_s"] == pytest.approx(0.25 + 2.0)
    assert len(case["peers"]["ranvier"]["ms_per_step"]["samples"]) == QUICK.rounds


def test_who_disagrees_is_not_timed_and_is_named():
    wrong = FakeWorker(losses=(0.7, 0.61))
    session, case = run(ranvier=FakeWorker(), pytorch=wrong)
    assert case["agreement"]["ranvier"]["agrees"]
    assert not case["agreement"]["pytorch"]["agrees"]
    assert case["agreement"]["pytorch"]["relative_difference"] == pytest.approx(0.01 / 0.6)
    assert "trip" not in wrong.asked
    assert [(each["peer"], each["where"]) for each in session.failures] == [("pytorch", "mlp batch 32: agreement")]


def test_losses_that_are_not_numbers_disagree_and_stay_writable():
    _, case = run(ranvier=FakeWorker(losses=(float("nan"),)))
    assert case["agreement"]["ranvier"] == {"agrees": False, "losses_compared": 8, "relative_difference": None}


def test_one_fit_must_do_the_same_steps_as_many():
    worker = FakeWorker()
    worker.agree = lambda **request: {**FakeWorker().agree(**request), "mean_of_one_fit": 0.5}
    _, case = run(ranvier=worker)
    assert not case["agreement"]["ranvier"]["agrees"]


def test_other_data_is_not_the_same_work():
    session, case = run(ranvier=FakeWorker(), pytorch=FakeWorker(work="other"))
    assert list(case["peers"]) == ["ranvier"]
    assert "fingerprint other, expected equal" in session.failures[0]["error"]


def test_a_peer_that_fails_leaves_and_the_others_go_on():
    session, case = run(ranvier=FakeWorker(), pytorch=FakeWorker(broken="trip"))
    assert list(case["peers"]) == ["ranvier"]
    assert session.failures == [
        {"peer": "pytorch", "where": "mlp batch 32: calibration", "error": "ValueError: trip is broken"}
    ]


def test_a_failure_in_a_later_round_drops_all_rounds_of_that_peer():
    calls = []

    def act(peer, _):
        calls.append(peer)
        if calls.count("b") == 2 and peer == "b":
            raise PeerError("gone")
        return peer

    session = Session({"a": FakeWorker(), "b": FakeWorker()}, settle_s=0.0)
    assert session.rounds(["a", "b"], 3, "here", act) == {"a": ["a", "a", "a"]}
    assert calls.count("b") == 2


def test_rounds_ask_each_once_in_changing_order():
    order = []
    session = Session({name: FakeWorker() for name in "abc"}, settle_s=0.0)
    session.rounds("abc", 12, "here", lambda peer, _: order.append(peer))
    rounds = ["".join(order[start : start + 3]) for start in range(0, 36, 3)]
    assert {"".join(sorted(each)) for each in rounds} == {"abc"}
    assert len(set(rounds)) > 2
