"""When may we call: words of time to a window. window.py is the way in."""
