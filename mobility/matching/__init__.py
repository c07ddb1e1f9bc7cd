"""Matching: who is eligible for what, and which themes suit whom, with the reasons."""
