import json

import pytest

from benchmarks import chart, prediction, report, steady_state
from benchmarks.session import Session
from benchmarks.steady_state import QUICK

from .fakes import FakeWorker


@pytest.fixture
def result():
    """A whole result file from two fake peers, through JSON as a reader gets it."""
    workers = {
        "ranvier": FakeWorker(ms=0.2),
        "pytorch": FakeWorker(ms=1.0),
        "keras_tf": FakeWorker(ms=2.0, broken="agree"),
    }
    session = Session({"numpy": FakeWorker(), **workers}, settle_s=0.0)
    peers = list(workers)
    made = {
        "format": 1, "date": "2026-01-31", "quick": False, "effort": {"rounds": 3, "cold_rounds": 1},
        "machine": {"cpu": "A Processor", "cores": 2, "memory_gib": 8.0, "virtual": True, "load_before": 0.0},
        "baseline": "ranvier", "foreign_cpu_share": 0.0,
        "cases": [steady_state.measure(session, peers, "ranvier", "mlp", 32, QUICK)],
        "predict": prediction.measure(session, peers, "ranvier", QUICK),
        "peers": {
            peer: {"title": peer.upper(), "versions": {peer: "1.2"}, "notes": [], "installed_mib": 512.4}
            for peer in peers
        },
        "failures": session.failures,
    }  # fmt: skip
    return json.loads(json.dumps(made, allow_nan=False))


def test_tables(result):
    text = report.markdown(result)
    assert "2026-01-31, virtual machine, A Processor, 2 cores, 8.0 GiB" in text
    assert "| mlp, batch 32: ms per step | 0.200 (1x) | 1.00 (5x) |" in text
    assert "| `predict`, 1 row: µs | 200 (1x) | 2,000 (10x) | 1,000 (5x) |" in text
    assert "| installed size: MiB | 512 | 512 | 512 |" in text
    assert "- Failed: KERAS_TF, mlp batch 32: agreement: ValueError: agree is broken" in text
    assert "smoke test" not in text


def test_doubtful_runs_say_so(result):
    assert "a smoke test, not a figure" in report.markdown({**result, "quick": True})
    assert "Other programs took 20%" in report.markdown({**result, "foreign_cpu_share": 0.2})


def test_page_is_changed_between_the_marks_only(tmp_path, result):
    page, file = tmp_path / "page.md", tmp_path / "result.json"
    page.write_text(f"before\n{report.BEGIN}\nstale words\n{report.END}\nafter\n")
    file.write_text(json.dumps(result))
    assert report.main([str(file), "--readme", str(page)]) == 0
    changed = page.read_text()
    assert changed.startswith(f"before\n{report.BEGIN}\n2026-01-31")
    assert changed.endswith(f"\n{report.END}\nafter\n")
    assert "stale words" not in changed
    with pytest.raises(ValueError, match="benchmarks:begin"):
        report.insert("no marks", "tables")


def test_chart_names_peers_and_is_the_same_every_time(tmp_path, result):
    pictures = [tmp_path / "1.svg", tmp_path / "2.svg"]
    for picture in pictures:
        chart.draw(result, picture)
    text = pictures[0].read_text()
    assert "PyTorch eager" in text
    assert "5x, 1 ms" in text
    assert text == pictures[1].read_text()


def test_chart_of_nothing_is_refused(tmp_path, result):
    with pytest.raises(ValueError, match="no ratios"):
        chart.draw({**result, "cases": []}, tmp_path / "chart.svg")
