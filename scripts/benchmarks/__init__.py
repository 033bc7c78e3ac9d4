"""The benchmarks of ``scripts/benchmark.py``, a module each."""
