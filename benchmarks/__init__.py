"""Speed and quality, measured; ``python -m benchmarks.run`` writes ``docs/benchmarks.md``."""
