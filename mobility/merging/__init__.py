"""The same organisation, or the same person, that is there twice becomes one; organisations that end are closed."""
