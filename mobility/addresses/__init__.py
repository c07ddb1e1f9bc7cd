"""Changing one's own address."""
