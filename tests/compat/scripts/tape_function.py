"""A training loop from scratch: batches of a Dataset, a compiled step, metrics that are reset after each epoch."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(5)
rng = np.random.RandomState(0)
centres = rng.normal(scale=2.5, size=(3, 10))
labels = rng.randint(0, 3, 416)
points = (centres[labels] + rng.normal(size=(416, 10))).astype("float32")
x_train, y_train, x_val, y_val = points[:320], labels[:320], points[320:], labels[320:]

batch_size = 32
train_dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(buffer_size=320).batch(batch_size)
val_dataset = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(batch_size)

inputs = keras.Input(shape=(10,), name="points")
hidden = layers.Dense(32, activation="relu")(inputs)
outputs = layers.Dense(3, name="predictions")(hidden)
model = keras.Model(inputs=inputs, outputs=outputs)

optimizer = keras.optimizers.SGD(learning_rate=0.05)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_acc_metric = keras.metrics.SparseCategoricalAccuracy()
val_acc_metric = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss_value = loss_fn(y, logits)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))  # noqa: B905
    train_acc_metric.update_state(y, logits)
    return loss_value


@tf.function
def test_step(x, y):
    val_logits = model(x, training=False)
    val_acc_metric.update_state(y, val_logits)


history = []
for _epoch in range(6):
    for step, (x_batch_train, y_batch_train) in enumerate(train_dataset):
        loss_value = train_step(x_batch_train, y_batch_train)
        if step % 5 == 0:
            print(f"Training loss at step {step}: {float(loss_value):.4f}")
    train_acc = train_acc_metric.result()
    train_acc_metric.reset_state()
    for x_batch_val, y_batch_val in val_dataset:
        test_step(x_batch_val, y_batch_val)
    val_acc = val_acc_metric.result()
    val_acc_metric.reset_state()
    history.append((float(train_acc), float(val_acc)))
print("result:", f"first={history[0][0]}", f"train={history[-1][0]}", f"val={history[-1][1]}", f"steps={step + 1}")
