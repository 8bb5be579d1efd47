"""Configs: the data a user edits, shipped as defaults. A package only so that it is found when installed."""
