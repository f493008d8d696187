"""Clothing: look at the data, scale it, train, and say what single pictures show."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(1)
(train_images, train_labels), (test_images, test_labels) = keras.datasets.fashion_mnist.load_data()
class_names = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
print(train_images.shape, len(train_labels), test_images.shape)

valid_images, valid_labels = train_images[:64] / 255.0, train_labels[:64]
train_images, train_labels = train_images[64:] / 255.0, train_labels[64:]
test_images = test_images / 255.0

model = keras.models.Sequential()
model.add(keras.layers.Flatten(input_shape=[28, 28]))
model.add(keras.layers.Dense(30, activation="relu"))
model.add(keras.layers.Dense(20, activation="relu"))
model.add(keras.layers.Dense(10, activation="softmax"))
model.summary()

hidden1 = model.layers[1]
weights, biases = hidden1.get_weights()
print(hidden1.name, weights.shape, biases.shape)

model.compile(
    loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.1), metrics=["accuracy"]
)
history = model.fit(train_images, train_labels, epochs=15, validation_data=(valid_images, valid_labels), verbose=0)
print(history.params["epochs"], sorted(history.history))

test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=0)
predictions = model.predict(test_images[:3])
labels = np.argmax(predictions, axis=1)
print([class_names[label] for label in labels])

one = np.expand_dims(test_images[0], 0)
single = model.predict(one)
same = tf.reduce_max(tf.abs(tf.constant(single[0]) - tf.constant(predictions[0])))
print("result:", f"accuracy={test_acc}", f"val_epochs={len(history.history['val_loss'])}", f"difference={float(same)}")
