"""Simulated patients: whole conversations with the real engine and store, and rules that are checked from outside."""
