"""What a network shows of itself: layers, receptive fields, activations, predictions through training. See docs/lens.md."""
