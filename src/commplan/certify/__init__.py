"""Checks what a certificate claims, in code that shares nothing with the optimiser."""
