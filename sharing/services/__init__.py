"""Writes of the sharing room, split by noun."""
