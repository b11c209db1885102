"""Core: lessons, checks, comparison, diagnosis, reports."""
