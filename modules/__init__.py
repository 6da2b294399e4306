"""The Shiny part of Moraine: with `app.py`, the only place that imports shiny."""
