"""Rate cards: their parts, the amounts they give, their editing."""
