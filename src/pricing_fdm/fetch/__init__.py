"""The one outbound door: from a caller's URL to a file of ours.

Nothing else in this package opens a connection to an address that a caller chose. Two decisions
are taken apart: `source_url` judges the text of the URL, `addresses` judges each address at the
moment it is dialled.
"""
