"""The commands of `pricing-fdm`, one module each."""
