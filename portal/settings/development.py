"""A developer's machine and the embedded default (`make run`), which hands everything over in the environment.

Without DATABASE_URL the servers of a running `make run` are used, so that `manage.py` works beside it.
"""

from __future__ import annotations

from portal.runtime.home import running_environment
from portal.settings import environment
from portal.settings.base import *  # noqa: F403
from portal.settings.base import HOME
from portal.settings.databases import databases

_RUNNING = running_environment(HOME)

SECRET_KEY = environment.text("SECRET_KEY", _RUNNING.get("SECRET_KEY", "development only, never in production"))
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver", *environment.listing("ALLOWED_HOSTS")]
INTERNAL_IPS = ["127.0.0.1"]

DATABASE_URL = environment.text("DATABASE_URL", _RUNNING.get("DATABASE_URL", "postgresql://localhost/shutong"))
REDIS_URL = environment.text("REDIS_URL", _RUNNING.get("REDIS_URL", ""))
DATABASES = databases(DATABASE_URL)
CELERY_BROKER_URL = REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "shutong",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
AUDIT_KEY_FILE = environment.text("AUDIT_KEY_FILE", str(HOME / "keys" / "audit.pem"))
AUDIT_KEY_FILE_CREATED = True
