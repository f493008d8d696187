"""Floating point operations that a training step needs, counted from the parts: the numerator of "share of peak".

A product of an [m, k] with a [k, n] matrix is 2 m k n operations. Forward, a part takes 2 a per application, a being
its multiply-adds; backward 2 a for the slope of its weights and 2 a for that of its inputs, which nobody needs where it
reads the data. So a row costs the sum over parts of 2 a times (3, or 2 where first). Not counted: everything that is no
product (activations, normalization, losses, look-ups, the optimizer), and what a causal mask makes unnecessary.
"""

from benchmarks.workloads import Part, Workload


def multiply_adds(part: Part) -> tuple[int, int]:
    """Multiply-adds of one application: with the weights that read the part's input, and all others."""
    match part.kind, part.sizes:
        case "dense", (fan_in, fan_out):
            return fan_in * fan_out, 0
        case "conv", (inner, outer, side):
            return inner * outer * side * side, 0
        case "depthwise", (channels, side):
            return channels * side * side, 0
        case ("lstm" | "gru") as kind, (inner, units):
            gates = 4 if kind == "lstm" else 3
            return gates * units * inner, gates * units * units
        case "attention", (width, _, steps):  # four projections; scores and sums over (steps + 1) / 2 steps on average
            return 3 * width * width, width * width + width * (steps + 1)
    return 0, 0


def forward(parts: tuple[Part, ...]) -> int:
    """Operations of one row forward."""
    return sum(2 * part.times * sum(multiply_adds(part)) for part in parts)


def backward(parts: tuple[Part, ...], weights: bool = True, inputs: bool = True) -> int:
    """Operations of one row backward: slopes of the `weights`, and of the `inputs` of the parts that read the data."""
    total = 0
    for part in parts:
        reading, rest = multiply_adds(part)
        total += 2 * part.times * (weights * (reading + rest) + rest + reading * (inputs or not part.first))
    return total


def training(workload: Workload) -> int:
    """Operations of one row of a training step."""
    parts = workload.parts
    if workload.family != "gan":
        return forward(parts) + backward(parts, inputs=False)
    made, judged = parts[:2], parts[2:]
    # The discriminator learns from a real and a made row; the generator, through the discriminator, from another.
    discriminating = forward(made) + 2 * (forward(judged) + backward(judged, inputs=False))
    generating = forward(made) + forward(judged) + backward(judged, weights=False) + backward(made, inputs=False)
    return discriminating + generating


def predicting(workload: Workload) -> int:
    """Operations of one row of an answer; of two adversaries only the generator answers."""
    return forward(workload.parts[:2] if workload.family == "gan" else workload.parts)
