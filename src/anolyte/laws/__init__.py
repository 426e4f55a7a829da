"""Constitutive laws and equilibria: equations of numbers, shared by models, fields and fits."""
