"""The shop as data: what is offered, and what it costs."""
