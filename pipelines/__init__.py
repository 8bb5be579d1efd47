"""Pipelines: what is run. The command line, the settings, the graph and the views over its tables."""

__version__ = "0.1.0"
