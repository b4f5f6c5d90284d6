"""The test run: a database of its own, mail in memory, fast password hashing.

Without DATABASE_URL and REDIS_URL, addresses of servers are chosen here that tests/conftest.py then starts.
"""

from __future__ import annotations

import os

from portal.runtime.testing import planned_environment

os.environ.update(planned_environment())

from portal.settings.development import *  # noqa: F403
from portal.settings.development import ROOT
from portal.settings.logs import logging_settings

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = ROOT / "var" / "test-media"
DEBUG = False
LOGGING = logging_settings("WARNING")
