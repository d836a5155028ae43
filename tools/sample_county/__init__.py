"""The synthetic sample county: an invented Chinese county town and the villages around it."""
