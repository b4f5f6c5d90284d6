"""Settings shared by every environment. Secrets and addresses come from the environment only."""

from __future__ import annotations

from pathlib import Path

from portal.settings import environment
from portal.settings.logs import logging_settings

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = Path(environment.text("PORTAL_HOME", str(ROOT / "var"))).resolve()

ROOMS = [
    "audit",
    "organizations",
    "statutes",
    "cases",
    "catalog",
    "datasets",
    "sharing",
    "funds",
    "projects",
    "reports",
]

INSTALLED_APPS = [
    *ROOMS,
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "axes",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "template_partials",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "portal.middleware.ClientAddressMiddleware",
    "portal.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.redaction.SafeRequestMiddleware",
    "portal.middleware.RequestIdMiddleware",
    "portal.health.HealthMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.SessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "organizations.middleware.ActorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.ErrorPageMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.shell",
            ],
        },
    },
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_ROUTERS = ["portal.routers.DefaultOnly"]

# People

AUTH_USER_MODEL = "organizations.User"
ANONYMOUS_USER_NAME = None
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

SESSION_COOKIE_AGE = environment.number("SESSION_IDLE_MINUTES", 30) * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "shutong_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "shutong_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"

AXES_HANDLER = "organizations.lockout.LockoutHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
DEPUTY_LONGEST_DAYS = environment.number("DEPUTY_LONGEST_DAYS", 366)
AXES_FAILURE_LIMIT = environment.number("SIGN_IN_ATTEMPTS", 5)
AXES_COOLOFF_TIME = environment.number("SIGN_IN_COOL_OFF_MINUTES", 15) / 60
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "portal/error.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "organizations.lockout.locked_response"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "carried", "code", "password_again"]
AXES_CLIENT_IP_CALLABLE = "portal.network.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# The network: how many reverse proxies of ours stand before the application (see portal/network.py)

TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0)

# Language, time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale" / room for room in [*ROOMS, "portal"]]
LANGUAGE_COOKIE_NAME = "shutong_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Files

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = Path(environment.text("PORTAL_STATIC", str(HOME / "static")))
STATICFILES_DIRS = [folder for folder in (ROOT / "static",) if folder.is_dir()]
MEDIA_ROOT = HOME / "media"
MEDIA_URL = ""
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATASETS_UPLOAD_LIMIT = environment.number("UPLOAD_LIMIT_MB", 512) * 1024 * 1024
STATUTES_PATH = environment.text("STATUTES_PATH")

# Safety in the browser; SecurityHeadersMiddleware adds the policy to every response

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

# Mail

EMAIL_BACKEND = environment.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "shutong@localhost")

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "organizations.api_base.TokenAuthentication",
        "organizations.api_base.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["organizations.api_base.HasPosition"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.errors.api_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "数通 Shutong",
    "DESCRIPTION": (
        "政务数据共享：目录、共享申请、授权与数据读取。\n\n"
        "Sharing of government data: catalogue, share requests, grants, reading."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "SharingMethodEnum": "catalog.models.SharingMethod",
        "SystemStatusEnum": "catalog.models.InformationSystem.Status",
        "NoticeStatusEnum": "statutes.models.CalendarNotice.Status",
        "ProjectKindEnum": "projects.models.Project.Kind",
    },
}

# The audit record: the key it is signed with (see audit/keys.py) and where its daily roots go

AUDIT_KEY = environment.text("AUDIT_KEY")
AUDIT_KEY_FILE = environment.text("AUDIT_KEY_FILE")
AUDIT_KEY_FILE_CREATED = False
AUDIT_FORMER_KEYS = environment.listing("AUDIT_FORMER_KEYS")
AUDIT_ROOTS_DIRECTORY = environment.text("AUDIT_ROOTS_DIRECTORY", str(HOME / "audit-roots"))
AUDIT_ROOTS_MAIL_TO = environment.listing("AUDIT_ROOTS_MAIL_TO")
AUDIT_SEAL_LAG_LIMIT = environment.number("AUDIT_SEAL_LAG_SECONDS", 300)

# Background work; the broker may lose everything without harm (the clocks are in PostgreSQL)

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 25 * 60
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * 60 * 60}
CELERY_TIMEZONE = TIME_ZONE
SWEEP_SECONDS = environment.number("SWEEP_SECONDS", 15)

# Logs: JSON lines on standard output; whoever starts the process keeps and rotates them

LOGGING = logging_settings(environment.text("LOG_LEVEL", "INFO").upper())
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

# The prefix that the Open Contracting Partnership registered for this publisher; without one, made of the region code

OCDS_PREFIX = environment.text("OCDS_PREFIX")

ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024
ATTACHMENT_SCANNER = environment.text("ATTACHMENT_SCANNER")
CLAMD_ADDRESS = environment.text("CLAMD_ADDRESS", "localhost:3310")
CLAMD_TIMEOUT = environment.number("CLAMD_TIMEOUT", 30)
GRANT_ROWS_PER_CALL = 1000
GRANT_ROWS_TOTAL: int | None = None
GRANT_CALLS_PER_MINUTE = 120
GRANT_CALLS_PER_DAY = 5000
