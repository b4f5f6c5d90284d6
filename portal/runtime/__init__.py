"""Runs the whole portal on one machine: embedded servers, their supervision, and the order of starting and stopping."""
