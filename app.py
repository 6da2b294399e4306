"""Moraine: `shiny run app.py`. Composes settings, datasets and pages; no logic of its own."""

from modules.serve import moraine_app
from modules.serving.config import config
from modules.serving.making import make_meanwhile

settings = config()
app = moraine_app(settings)
make_meanwhile(app, settings.making)
