"""The pages that a public service owes everybody: imprint, privacy, accessibility, help, contact; first steps for each role."""
