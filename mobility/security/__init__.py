"""One's own account, security: second factors, recovery codes, where one is signed in."""
