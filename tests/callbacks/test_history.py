from __future__ import annotations

import json

import numpy as np

from ranvier.callbacks import History
from tests.callbacks.fakes import FakeModel, run


def test_a_list_per_name_and_the_numbers_of_the_epochs():
    history, model = History(), FakeModel()
    run([history], [{"loss": 2.0}, {"loss": 1.0, "val_loss": 3.0}], model)
    assert history.history == {"loss": [2.0, 1.0], "val_loss": [3.0]}
    assert history.epoch == [0, 1]
    assert model.history is history
    assert history.findings == []


def test_a_second_fit_appends_as_in_keras():
    history = History()
    run([history], [{"loss": 2.0}])
    run([history], [{"loss": 1.0}], start=1)
    assert history.history == {"loss": [2.0, 1.0]}
    assert history.epoch == [1]


def test_state_is_json_also_with_numbers_of_numpy():
    history = History()
    run([history], [{"loss": np.float32(0.5), "recall": [np.float32(0.25), 1.0]}])
    other = History()
    other.load_state_dict(json.loads(json.dumps(history.state_dict())))
    assert other.history == {"loss": [0.5], "recall": [[0.25, 1.0]]}
    assert other.epoch == [0]
