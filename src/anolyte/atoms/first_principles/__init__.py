"""First-principles codes: inputs written for them, their outputs read back."""
