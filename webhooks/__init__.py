"""The Twilio edge: what comes in, and the REST client that goes out."""
