"""The first page of every course: handwritten digits, logits, a softmax put on afterwards."""

import tensorflow as tf

print("TensorFlow version:", tf.__version__)
print("GPUs:", len(tf.config.list_physical_devices("GPU")))
tf.random.set_seed(7)

mnist = tf.keras.datasets.mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(28, 28)),
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dropout(0.2),
        tf.keras.layers.Dense(10),
    ]
)

untrained = model(x_train[:1]).numpy()
print("probabilities before training:", tf.nn.softmax(untrained).numpy())

loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
print("loss before training:", float(loss_fn(y_train[:1], untrained)))

model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
model.fit(x_train, y_train, epochs=5)
loss, accuracy = model.evaluate(x_test, y_test, verbose=2)

probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
rows = probability_model(x_test[:5]).numpy()
print("result:", f"accuracy={accuracy}", f"rows={rows.shape[0]}", f"row_sum={rows[0].sum()}")
