"""Support tickets: three inputs, two outputs, losses and metrics by name, then fed by lists and by dicts."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(11)
num_tags, num_words, num_departments, rows = 6, 40, 4, 320

title_input = keras.Input(shape=(num_words,), name="title")
body_input = keras.Input(shape=(num_words,), name="body")
tags_input = keras.Input(shape=(num_tags,), name="tags")

title_features = layers.Dense(16, activation="relu")(title_input)
body_features = layers.Dense(16, activation="relu")(body_input)
x = layers.concatenate([title_features, body_features, tags_input])

priority_pred = layers.Dense(1, name="priority", activation="sigmoid")(x)
department_pred = layers.Dense(num_departments, name="department")(x)
model = keras.Model(inputs=[title_input, body_input, tags_input], outputs=[priority_pred, department_pred])

title_data = np.random.randint(2, size=(rows, num_words)).astype("float32")
body_data = np.random.randint(2, size=(rows, num_words)).astype("float32")
tags_data = np.random.randint(2, size=(rows, num_tags)).astype("float32")
priority = (title_data[:, :1] + body_data[:, 1:2] > 0.5).astype("float32")
department = (2 * tags_data[:, 0] + tags_data[:, 1]).astype("int32")

model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss={
        "priority": keras.losses.BinaryCrossentropy(),
        "department": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.5},
    metrics={"priority": ["accuracy"], "department": ["accuracy"]},
)
history = model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority, "department": department},
    epochs=20,
    batch_size=32,
    verbose=0,
)
scores = model.evaluate([title_data, body_data, tags_data], [priority, department], verbose=0, return_dict=True)
predicted_priority, predicted_department = model.predict([title_data[:7], body_data[:7], tags_data[:7]])
print(sorted(scores))
print(
    "result:",
    f"priority={scores['priority_accuracy']}",
    f"department={scores['department_accuracy']}",
    f"fell={history.history['loss'][0] - history.history['loss'][-1]}",
    f"rows={len(predicted_priority)}",
    f"classes={predicted_department.shape[1]}",
)
