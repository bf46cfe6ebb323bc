"""Twilio's REST interface, as far as the clinic uses it."""
