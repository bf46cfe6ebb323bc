"""The clinic's rules. Knows neither Flask nor Twilio."""
