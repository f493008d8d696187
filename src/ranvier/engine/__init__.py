"""The engine: one compiled program per model, batch shape and purpose, and the loop that feeds it."""
