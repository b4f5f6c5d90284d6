"""Production starts with everything it needs, or says what is missing."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

COMPLETE = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "portal.example.gov.cn",
    "DATABASE_URL": "postgresql://portal:word@127.0.0.1:9/portal",
    "REDIS_URL": "redis://:word@127.0.0.1:9/0",
    "AUDIT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    "AUDIT_KEY_FILE": "",
}


FOR_THIS_RUN = {"DJANGO_ALLOW_ASYNC_UNSAFE"}
"""What the browser tests set for their own process; no server inherits it."""


def python(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in COMPLETE.keys() | FOR_THIS_RUN}
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=settings.ROOT,
        env={**kept, **COMPLETE, **changed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_is_clean() -> None:
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "AUDIT_KEY"])
def test_no_secret_and_no_address_has_a_default(name: str) -> None:
    done = python("-c", "import portal.settings.production", **{name: ""})
    assert done.returncode != 0
    assert f"environment variable {name} is not set" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("SECRET_KEY", "a" * 80, "SECRET_KEY is too short or too plain"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name"),
        ("DATABASE_URL", "sqlite:///x.db", "must be a postgresql:// address"),
        ("TRUSTED_PROXIES", "many", "TRUSTED_PROXIES must be a whole number"),
    ],
)
def test_a_value_that_is_unsafe_or_makes_no_sense_is_refused_by_name(name: str, value: str, said: str) -> None:
    done = python("-c", "import portal.settings.production", **{name: value})
    assert done.returncode != 0
    assert said in done.stderr


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = settings.CONTENT_SECURITY_POLICY
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == ["'self'"]
    assert not [source for sources in policy.values() for source in sources if "unsafe" in source or "*" in source]
