"""optimise/villages."""
