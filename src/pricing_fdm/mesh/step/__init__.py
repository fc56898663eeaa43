"""Turns CAD models, which describe surfaces by formulas, into triangle meshes."""
