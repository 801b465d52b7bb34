"""Scores of a profile: forecasts of later behaviour, learned from history before its time."""
