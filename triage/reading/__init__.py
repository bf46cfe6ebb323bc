"""Read one message: its time, name, number, opt-out and wish for a call. Pure."""
