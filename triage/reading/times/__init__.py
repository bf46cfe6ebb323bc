"""Read the window in which we may call from words of time; read_window.py is the way in."""
