"""The simplest autoencoder: one model that squeezes and restores, and its two halves as models of their own."""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Model

rng = np.random.RandomState(0)
hidden = rng.normal(size=(480, 3))
x = 1 / (1 + np.exp(-hidden @ rng.normal(size=(3, 20))))
x_train, x_test = x[:384].astype("float32"), x[384:].astype("float32")

encoding_dim = 3
input_img = Input(shape=(20,))
encoded = Dense(encoding_dim, activation="tanh")(input_img)
decoded = Dense(20, activation="sigmoid")(encoded)
autoencoder = Model(input_img, decoded)

encoder = Model(input_img, encoded)
encoded_input = Input(shape=(encoding_dim,))
decoder_layer = autoencoder.layers[-1]
decoder = Model(encoded_input, decoder_layer(encoded_input))

autoencoder.compile(optimizer="adam", loss="mean_squared_error")
before = autoencoder.evaluate(x_test, x_test, verbose=0)
autoencoder.fit(x_train, x_train, epochs=100, batch_size=32, shuffle=True, validation_data=(x_test, x_test), verbose=0)
after = autoencoder.evaluate(x_test, x_test, verbose=0)

encoded_imgs = encoder.predict(x_test)
decoded_imgs = decoder.predict(encoded_imgs)
gap = np.abs(decoded_imgs - autoencoder.predict(x_test)).max()
print("result:", f"before={before}", f"after={after}", f"code={encoded_imgs.shape[1]}", f"gap={gap}")
