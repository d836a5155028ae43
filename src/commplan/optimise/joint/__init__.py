"""optimise/rooms."""
