"""The cell under current, pressure and time: one batch of laws from protocol to run."""
