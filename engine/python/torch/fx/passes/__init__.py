"""Walks over graphs that note something down at their nodes."""
