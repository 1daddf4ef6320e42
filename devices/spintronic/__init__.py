"""Spintronic devices: magnetic neurons and the magnetisation dynamics behind them. One model a file."""
