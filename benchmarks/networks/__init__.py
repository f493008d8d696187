"""The networks of the workloads, once per way of writing them: Keras's, PyTorch's and Equinox's."""
