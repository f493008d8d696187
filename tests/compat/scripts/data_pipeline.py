"""Data as a pipeline: slices, map, cache, shuffle, batch, repeat, prefetch, zip, take and skip; then fit on it."""

import numpy as np
import tensorflow as tf

AUTOTUNE = tf.data.AUTOTUNE
tf.random.set_seed(1)
np.random.seed(1)

values = list(tf.data.Dataset.range(10).map(lambda v: v * 2).as_numpy_iterator())
letters = tf.data.Dataset.from_tensor_slices([1, 2, 3])
pairs = tf.data.Dataset.zip((letters, letters.map(lambda v: v * v)))
print([(int(a), int(b)) for a, b in pairs.as_numpy_iterator()])

features = np.random.normal(size=(300, 5)).astype("float32") * 10
labels = (features.sum(axis=1) > 0).astype("int32")
dataset = tf.data.Dataset.from_tensor_slices((features, labels))


def scale(row, label):
    return tf.cast(row, tf.float32) / 10.0, label


train = dataset.take(240).map(scale, num_parallel_calls=AUTOTUNE).cache()
train = train.shuffle(240).batch(32, drop_remainder=True).prefetch(AUTOTUNE)
test = dataset.skip(240).map(scale).batch(32)
sizes = [len(batch_y) for _, batch_y in test.as_numpy_iterator()]

model = tf.keras.Sequential(
    [tf.keras.layers.Dense(16, activation="relu"), tf.keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=tf.keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
model.fit(train, epochs=6, validation_data=test, verbose=0)
model.fit(train.repeat(), epochs=2, steps_per_epoch=7, verbose=0)
loss, accuracy = model.evaluate(test, verbose=0)
predictions = model.predict(test)
print(
    "result:",
    f"doubled={sum(int(v) for v in values)}",
    f"batches={len(list(train))}",
    f"last_batch={sizes[-1]}",
    f"accuracy={accuracy}",
    f"rows={len(predictions)}",
)
