"""Segmenters: what turns a scene into a mask. This floor imports `data.records` and `data.errors`, and never shiny."""
