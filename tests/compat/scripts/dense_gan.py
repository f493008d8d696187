"""A GAN of dense layers on points of a ring: train_on_batch in turn, the discriminator frozen in the stack."""

import numpy as np
from keras.layers import Dense, Input, LeakyReLU
from keras.models import Model, Sequential
from keras.optimizers import Adam

np.random.seed(1)
latent_dim, half_batch = 4, 32


def real_samples(n):
    angle = np.random.uniform(0, 2 * np.pi, n)
    return np.stack([3 + np.cos(angle), np.sin(angle)], axis=1).astype("float32"), np.ones((n, 1))


discriminator = Sequential()
discriminator.add(Dense(24, input_dim=2))
discriminator.add(LeakyReLU(0.2))
discriminator.add(Dense(1, activation="sigmoid"))
discriminator.compile(loss="binary_crossentropy", optimizer=Adam(0.01, beta_1=0.5), metrics=["accuracy"])

generator = Sequential()
generator.add(Dense(24, input_dim=latent_dim))
generator.add(LeakyReLU(0.2))
generator.add(Dense(2, activation="linear"))

discriminator.trainable = False
z = Input(shape=(latent_dim,))
combined = Model(z, discriminator(generator(z)))
combined.compile(loss="binary_crossentropy", optimizer=Adam(0.005, beta_1=0.5))

before = generator.predict(np.random.normal(0, 1, (200, latent_dim)), verbose=0).mean(axis=0)
frozen = [w.copy() for w in discriminator.get_weights()]
combined.train_on_batch(np.random.normal(0, 1, (8, latent_dim)), np.ones((8, 1)))
still = max(np.abs(a - b).max() for a, b in zip(frozen, discriminator.get_weights(), strict=True))

for epoch in range(300):
    x_real, y_real = real_samples(half_batch)
    x_fake = generator.predict_on_batch(np.random.normal(0, 1, (half_batch, latent_dim)))
    d_loss_real = discriminator.train_on_batch(x_real, y_real)
    d_loss_fake = discriminator.train_on_batch(x_fake, np.zeros((half_batch, 1)))
    d_loss = 0.5 * np.add(d_loss_real, d_loss_fake)
    g_loss = combined.train_on_batch(np.random.normal(0, 1, (2 * half_batch, latent_dim)), np.ones((64, 1)))
    if epoch % 100 == 0:
        print(f"{epoch} [D loss: {d_loss[0]:.3f}, acc.: {100 * d_loss[1]:.1f}%] [G loss: {np.ravel(g_loss)[0]:.3f}]")
moved = np.abs(np.array(frozen[0]) - discriminator.get_weights()[0]).max()
after = generator.predict(np.random.normal(0, 1, (500, latent_dim)), verbose=0).mean(axis=0)
centre = np.array([3.0, 0.0])
print(
    "result:",
    f"still={still}",
    f"moved={moved}",
    f"before={np.linalg.norm(before - centre)}",
    f"after={np.linalg.norm(after - centre)}",
)
