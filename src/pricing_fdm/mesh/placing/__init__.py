"""Finds a part its place on the bed: turned, or its bodies laid out anew."""
