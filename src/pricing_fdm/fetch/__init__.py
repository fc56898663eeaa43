"""The one outbound door: from a caller's URL to a file of ours.

Only this package opens connections to addresses that a caller chose. It decides twice: `source_url`
judges the text of the URL, `addresses` judges each address at the moment it is dialled.
"""
