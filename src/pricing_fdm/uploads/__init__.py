"""The store of uploaded models, and of the shop's versions."""
