"""Searching in everything that one may see."""
