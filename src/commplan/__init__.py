"""commplan: the toolkit with which planners redraw communities (社区)."""

__version__ = "0.1.0"
