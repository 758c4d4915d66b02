"""The index function: it keeps the index consistent with the images bucket."""

from __future__ import annotations

import gc

# The objects that a start creates live on. Collecting garbage would take a fifteenth of the start.
gc.disable()

from image_search.downloads import Downloads
from image_search.settings import Settings

settings = Settings.from_environment()
# These files are downloaded while the rest is imported, which takes about as long.
downloads = Downloads(settings, "model.json", "vision.onnx")

from image_search import snapstart
from image_search.services import Services
from index_function import create_handler

services = Services.from_settings(settings, downloads)
snapstart.register(services)
# The vision tower is loaded before the first event, and before a SnapStart snapshot is taken.
handler = create_handler(services.indexers())
gc.freeze()
gc.enable()
