"""Moraine: `shiny run app.py`. Composes settings, datasets and pages; no logic of its own."""

from modules.config import config
from modules.making import make_meanwhile
from modules.serve import moraine_app

settings = config()
app = moraine_app(settings)
make_meanwhile(app, settings.making)
