# A small convolutional network and a recurrent one in the words of Keras 1: bars in pictures, runs in sequences.
import numpy as np
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.layers.core import Activation, Dense, Dropout, Flatten
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import LSTM
from keras.models import Sequential
from keras.preprocessing import sequence
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils

np.random.seed(1337)
labels = np.arange(96) % 2
pictures = np.random.uniform(0, 0.3, (96, 8, 8, 1)).astype("float32")
for i in range(96):
    where = np.random.randint(2, 6)
    if labels[i]:
        pictures[i, where] += 1
    else:
        pictures[i, :, where] += 1
targets = np_utils.to_categorical(labels, 2)

model = Sequential()
model.add(Convolution2D(8, 3, 3, border_mode="same", init="glorot_uniform", input_shape=(8, 8, 1)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2), border_mode="valid"))
model.add(Dropout(p=0.1))
model.add(Flatten())
model.add(Dense(2, activation="softmax", init="normal"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

generator = ImageDataGenerator(width_shift_range=1, height_shift_range=1)
model.fit_generator(generator.flow(pictures, targets, batch_size=16), samples_per_epoch=96, nb_epoch=20, verbose=0)
score = model.evaluate(pictures, targets, verbose=0)

lists = [[1 + (n % 2)] * (3 + n % 4) for n in range(64)]
rows = sequence.pad_sequences(lists, maxlen=6)
reader = Sequential()
reader.add(Embedding(4, 3, input_length=6))
reader.add(LSTM(output_dim=4, inner_activation="hard_sigmoid", dropout_W=0.0))
reader.add(Dense(1, activation="sigmoid"))
reader.compile("rmsprop", "binary_crossentropy")
history = reader.fit(rows, np.arange(64) % 2, nb_epoch=3, batch_size=8, verbose=0)
losses = history.history["loss"]
print(f"result: accuracy={score[1]:.3f} ratio={losses[-1] / losses[0]:.3f}")
