"""A developer's machine and the embedded default."""

import os

import dj_database_url

from portal.settings.base import *  # noqa: F403

SECRET_KEY = os.environ.get("SECRET_KEY", "development-only")
DEBUG = os.environ.get("DEBUG", "") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
DATABASES = {"default": dj_database_url.config(conn_max_age=60)}
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "")
