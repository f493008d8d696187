"""Benchmarks of Ranvier beside its peers: the same work, interleaved in one run (see README.md)."""
