"""A visitor's own table as a dataset of that visit: who holds it, how long, and what is said of it."""
