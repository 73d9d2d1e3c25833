"""Frames of numbers behind the pages: for notebooks, for the audit, and for anyone."""
