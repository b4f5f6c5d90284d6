"""Figures as ratios measured in one run: `python -m benchmarks.<name> [--size small]`. Fixed seeds, no thresholds."""
