"""Categorical columns: a vector for every shop and weekday, joined with the numbers, and looked at afterwards."""

import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import Concatenate, Dense, Embedding, Flatten, Input, Reshape
from tensorflow.keras.models import Model

keras.utils.set_random_seed(31)
rng = np.random.RandomState(0)
rows, shops, days = 512, 12, 7
shop = rng.randint(0, shops, rows)
day = rng.randint(0, days, rows)
price = rng.rand(rows, 1).astype("float32")
effect = rng.normal(scale=2, size=shops)
sales = effect[shop] + (day >= 5) * 3 - 2 * price[:, 0] + 0.1 * rng.normal(size=rows)

shop_in = Input(shape=(1,), name="shop")
day_in = Input(shape=(1,), name="day")
price_in = Input(shape=(1,), name="price")
shop_vector = Flatten()(Embedding(shops, 4, name="shop_embedding")(shop_in))
day_vector = Reshape((3,))(Embedding(input_dim=days, output_dim=3)(day_in))
joined = Concatenate()([shop_vector, day_vector, price_in])
output = Dense(1)(Dense(24, activation="relu")(joined))
model = Model([shop_in, day_in, price_in], output)
model.compile("adam", "mse", metrics=["mae"])
history = model.fit([shop, day, price], sales, epochs=60, batch_size=32, verbose=0)

vectors = model.get_layer("shop_embedding").get_weights()[0]
order = np.abs(np.corrcoef(vectors.T, effect)[-1, :-1]).max()
half = Model(model.inputs, model.get_layer("shop_embedding").output)
looked_up = half.predict([shop[:2], day[:2], price[:2]], verbose=0)
print(
    "result:",
    f"mae={history.history['mae'][-1]}",
    f"shape={vectors.shape[0] * vectors.shape[1]}",
    f"correlation={order}",
    f"gap={np.abs(looked_up[0, 0] - vectors[shop[0]]).max()}",
)
