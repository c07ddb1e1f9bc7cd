"""Second factors: passkeys, authenticator apps, recovery codes. Their pages are in security/; accounts/ asks for them."""
