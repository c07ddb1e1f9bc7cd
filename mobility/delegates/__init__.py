"""Those who travel along: their page of the stay, by a personal link or signed in, and what they are told by mail."""
