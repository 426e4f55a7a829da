"""Models learned from labels: their data, their splits, their intervals and plain baselines."""
