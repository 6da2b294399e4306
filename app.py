"""Moraine: `shiny run app.py`. Composes settings, datasets and pages; no logic of its own."""

from modules.config import config
from modules.serve import moraine_app

app = moraine_app(config())
