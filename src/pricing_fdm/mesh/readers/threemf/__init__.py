"""Reads 3MF: an archive of XML, with objects placed in objects."""
