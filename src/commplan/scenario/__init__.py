"""The whole way, run from a scenario file."""
