"""Calls between people and the clinic."""
