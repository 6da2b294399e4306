"""Moraine: `shiny run app.py`. Composes settings, datasets and pages; no logic of its own."""

from functools import partial

from data.settings import text
from data.state import state_dir
from data.temporary import own_temporary, remove
from modules.serve import moraine_app
from modules.serving.config import config
from modules.serving.lean import few_arenas
from modules.serving.making import make_meanwhile
from modules.serving.observing.logs import log_as, log_settings

few_arenas()
log_as(text("LOG"), text("LOG_LEVEL"))
log_settings()
temporary = own_temporary(state_dir())
settings = config(temporary)
app = moraine_app(settings)
make_meanwhile(app, settings.making)
app.on_shutdown(partial(remove, temporary))
