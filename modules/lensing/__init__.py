"""The Lens page: which lens is open, what of it is looked at, and the pictures that views draw from it."""
