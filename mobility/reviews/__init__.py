"""Reviews as people read them: pages, pictures, lessons, exports, and what is published (followup.md, "Review of a call")."""
