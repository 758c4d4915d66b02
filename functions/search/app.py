"""The search function: it answers the requests of the HTTP API."""

from __future__ import annotations

import gc

# The objects that a start creates live on. Collecting garbage would take a fifteenth of the start.
gc.disable()

from image_search.downloads import Downloads
from image_search.settings import Settings

settings = Settings.from_environment()
# These files are downloaded while the rest is imported, which takes about as long.
downloads = Downloads(settings, "model.json", "tokenizer.json", "text.onnx")

from image_search import snapstart
from image_search.services import Services
from search_api.application import create_app

services = Services.from_settings(settings, downloads)
# The text tower is loaded before the first request, and before a SnapStart snapshot is taken.
services.text_encoder()
snapstart.register(services)
handler = create_app(services)
gc.freeze()
gc.enable()
