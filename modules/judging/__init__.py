"""What the Predictions page works with: scores, which of them are shown, and how they compare."""
