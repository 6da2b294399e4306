"""Opening what `python -m models sequence` wrote, and the cell's forward pass in numpy: the app needs no torch for it."""
