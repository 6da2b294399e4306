"""Reviews in a session: who may say something, what was said, and what follows from it."""
