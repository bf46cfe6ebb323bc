"""From words to values: time, name, number, opt-out, wish for a call. Pure."""
