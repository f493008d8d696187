"""State: variables, the scope that binds them during a pure step, derived randomness, structural paths, symbols."""
