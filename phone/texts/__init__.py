"""Texts between people and the clinic."""
