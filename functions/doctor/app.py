"""The doctor function: it compares the images bucket with the index on a schedule."""

from __future__ import annotations

from doctor_function import create_handler
from image_search.services import Services
from image_search.settings import Settings

services = Services.from_settings(Settings.from_environment())
handler = create_handler(services.consistency_checker(), services.paced_queue())
