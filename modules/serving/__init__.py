"""What all visits share: settings, datasets, routes, uploads, the worker that segments."""
