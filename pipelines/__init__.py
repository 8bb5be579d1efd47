"""Pipelines: what is run. The command line, the settings, the graph and the views over its tables."""
