"""Rare cases: an initial bias, a page of metrics, class weights, sample weights, resampling by hand."""

import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

tf.random.set_seed(12)
rng = np.random.RandomState(12)
labels = (rng.rand(1280) < 0.06).astype(int)
features = rng.normal(size=(1280, 8)) + 1.2 * labels[:, None]

train_x, test_x, train_y, test_y = train_test_split(features, labels, test_size=0.2, random_state=1, stratify=labels)
scaler = StandardScaler()
train_x = np.clip(scaler.fit_transform(train_x), -5, 5)
test_x = np.clip(scaler.transform(test_x), -5, 5)
neg, pos = np.bincount(train_y)
print(f"Examples: {neg + pos}, positive: {pos} ({100 * pos / (neg + pos):.2f}% of total)")

METRICS = [
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.TrueNegatives(name="tn"),
    keras.metrics.FalseNegatives(name="fn"),
    keras.metrics.BinaryAccuracy(name="accuracy"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
]


def make_model(metrics=METRICS, output_bias=None):
    if output_bias is not None:
        output_bias = tf.keras.initializers.Constant(output_bias)
    model = keras.Sequential(
        [
            keras.layers.Dense(16, activation="relu", input_shape=(train_x.shape[-1],)),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid", bias_initializer=output_bias),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=5e-3), loss=keras.losses.BinaryCrossentropy(), metrics=metrics
    )
    return model


initial_bias = np.log([pos / neg])
model = make_model(output_bias=initial_bias)
first_loss = model.evaluate(train_x, train_y, batch_size=512, verbose=0)[0]

weight_for_0 = (1 / neg) * (neg + pos) / 2.0
weight_for_1 = (1 / pos) * (neg + pos) / 2.0
class_weight = {0: weight_for_0, 1: weight_for_1}
model.fit(train_x, train_y, batch_size=128, epochs=15, class_weight=class_weight, verbose=0)
weighted = model.evaluate(test_x, test_y, batch_size=512, verbose=0, return_dict=True)

sample_weight = np.where(train_y == 1, weight_for_1, weight_for_0)
second = make_model(metrics=[keras.metrics.AUC(name="auc")], output_bias=initial_bias)
second.fit(train_x, train_y, batch_size=128, epochs=15, sample_weight=sample_weight, verbose=0)
sampled = second.evaluate(test_x, test_y, verbose=0, return_dict=True)
total = weighted["tp"] + weighted["fp"] + weighted["tn"] + weighted["fn"]
print(
    "result:",
    f"first_loss={first_loss}",
    f"auc={weighted['auc']}",
    f"recall={weighted['recall']}",
    f"total={total}",
    f"sampled_auc={sampled['auc']}",
)
