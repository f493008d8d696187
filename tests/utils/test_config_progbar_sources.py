"""Config, Progbar, get_source_inputs and model_to_dot."""

import copy
import json
import logging
import pathlib

import pytest

import ranvier
from ranvier import config, layers, models, utils
from ranvier._errors import InvalidArgument, WrongType


def test_a_config_holds_named_values() -> None:
    values = utils.Config(rate=0.1)
    values.seed = 3
    values["items"] = 4
    assert (values.rate, values["seed"], len(values), list(values)) == (0.1, 3, 3, ["items", "rate", "seed"])
    assert values.get("none", 7) == 7 and "seed" in values and json.loads(values.to_json())["rate"] == 0.1
    assert dict(values.items()) == values.as_dict() == copy.deepcopy(values).as_dict()
    values.update(seed=5)
    assert values.pop("seed") == 5 and "seed" not in values
    del values["items"]
    assert repr(values) == "<Config {'rate': 0.1}>" and list(values.keys()) == ["rate"]
    with pytest.raises(AttributeError, match="Did you mean 'rate'"):
        _ = values.rates


def test_a_frozen_config_refuses_changes() -> None:
    values = utils.Config(rate=0.1)
    values.freeze()
    assert values.frozen
    for change in (lambda: setattr(values, "rate", 1), lambda: values.update(rate=1), lambda: values.pop("rate")):
        with pytest.raises(InvalidArgument, match="frozen"):
            change()
    values.unfreeze()
    values.rate = 1
    assert values.rate == 1


def test_a_bar_averages_over_steps(capsys: pytest.CaptureFixture[str]) -> None:
    bar = utils.Progbar(10, interval=0, stateful_metrics=["count"])
    bar.update(2, [("loss", 4.0), ("count", 1)])
    bar.add(2, [("loss", 2.0), ("count", 2)])
    assert bar.shown() == {"loss": 3.0, "count": 2.0}
    bar.update(10, [("loss", 0.5)])
    text = capsys.readouterr().out
    assert bar.shown()["loss"] == 0.5 and "10/10" in text and text.rstrip().endswith("loss: 0.5000 - count: 2.0000")
    quiet = utils.Progbar(2, verbose=2, unit_name="row")
    quiet.update(1)
    assert capsys.readouterr().out == ""
    quiet.update(2)
    assert capsys.readouterr().out.startswith("2/2 - 0s") and quiet.unit_name == "row"
    endless = utils.Progbar(None, interval=0, stateless_metrics=["loss"])
    endless.update(3, [("loss", 1.0), ("rate", 2.0)])
    assert "3/Unknown" in capsys.readouterr().out
    with pytest.raises(InvalidArgument):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_a_bar_without_interactive_logging_goes_to_the_logger(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    utils.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, "ranvier"):
            utils.Progbar(1, verbose=2).update(1, [("loss", 0.25)])
    finally:
        utils.enable_interactive_logging()
    assert "loss: 0.2500" in caplog.text and capsys.readouterr().out == "" and config.is_interactive_logging_enabled()


def test_source_inputs() -> None:
    a, b = ranvier.Input((2,), name="a"), ranvier.Input((2,), name="b")
    shared = layers.Dense(2)(a)
    out = layers.Add()([shared, b, shared])
    assert utils.get_source_inputs(out) == [a, b]
    assert utils.get_source_inputs(b) == [b]
    with pytest.raises(WrongType):
        utils.get_source_inputs([1.0])  # type: ignore[arg-type]


def test_a_model_in_graphvizs_language(tmp_path: pathlib.Path) -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(3, name='say "x"')])
    graph = utils.model_to_dot(model, show_shapes=True, show_dtype=True)
    text = graph.to_string()
    assert text.startswith("digraph model {") and '\\"x\\"' in text and "0 -> 1;" in text and "(None, 3)" in text
    assert b"<svg" in graph.create(prog="dot", format="svg") and graph.create_png().startswith(b"\x89PNG")
    assert graph.write(tmp_path / "m.dot") and (tmp_path / "m.dot").read_text() == text
    assert utils.model_to_dot(model, subgraph=True).to_string().startswith("subgraph")
