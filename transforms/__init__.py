"""Transforms: what is done to documents, articles and events. Nothing here imports `pipelines`."""
