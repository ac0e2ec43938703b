"""Benchmarks, each run beside its peers: see `__main__`."""
