"""optimise/communities."""
