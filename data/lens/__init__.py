"""The lens: what a training run shows of itself, in open files beside the run, and the measures that read them. See docs/lens.md."""
