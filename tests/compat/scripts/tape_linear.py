"""A straight line fitted by hand: two Variables, a tape, no model and no compiling."""

import tensorflow as tf

TRUE_W, TRUE_B, NUM_EXAMPLES = 3.0, 2.0, 200
tf.random.set_seed(0)

x = tf.linspace(-2, 2, NUM_EXAMPLES)
x = tf.cast(x, tf.float32)
noise = tf.random.normal(shape=[NUM_EXAMPLES], stddev=0.1)
y = x * TRUE_W + TRUE_B + noise

w = tf.Variable(5.0)
b = tf.Variable(0.0)


def f(x):
    return w * x + b


def loss(target_y, predicted_y):
    return tf.reduce_mean(tf.square(target_y - predicted_y))


losses = []
learning_rate = 0.1
for _ in range(30):
    with tf.GradientTape() as t:
        current_loss = loss(y, f(x))
    dw, db = t.gradient(current_loss, [w, b])
    w.assign_sub(learning_rate * dw)
    b.assign_sub(learning_rate * db)
    losses.append(float(current_loss))

x0 = tf.constant(3.0)
with tf.GradientTape() as g:
    g.watch(x0)
    z = x0 * x0
slope = g.gradient(z, x0)
print(
    "result:",
    f"w={float(w)}",
    f"b={float(b)}",
    f"first={losses[0]}",
    f"last={losses[-1]}",
    f"slope={float(slope)}",
)
