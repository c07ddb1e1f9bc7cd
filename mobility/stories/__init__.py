"""Success stories: told by both sides of an exchange, read by somebody from another region, published as both agree."""
