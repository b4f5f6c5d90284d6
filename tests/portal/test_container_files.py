"""What the containers are started with: no secret has a default, nobody is root, everything has a health check."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.conf import settings

COMPOSE = settings.ROOT / "docker-compose.yml"
PORTAL = ("prepare", "web", "worker", "beat")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


def test_no_secret_has_a_default() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert not re.findall(r"\$\{\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*:?-", text)
    example = (settings.ROOT / "docs" / "production.env.example").read_text(encoding="utf-8")
    filled = re.findall(r"^(\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*)=(.+)$", example, re.MULTILINE)
    assert filled == []


def test_the_portal_runs_without_rights_on_a_read_only_disk(services: dict[str, Any]) -> None:
    dockerfile = (settings.ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert dockerfile.index("USER shutong") < dockerfile.index("\nCMD ")
    for name in PORTAL:
        service = services[name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name


def test_what_stays_up_has_a_health_check_and_comes_back(services: dict[str, Any]) -> None:
    dockerfile = (settings.ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name, service in services.items():
        if name == "prepare":
            continue
        assert service["restart"] == "unless-stopped", name
        assert "test" in service.get("healthcheck", {}) or (name == "web" and "\nHEALTHCHECK " in dockerfile), name


def test_every_process_of_the_portal_sees_the_same_servers_and_the_citys_own_packs(services: dict[str, Any]) -> None:
    for name in PORTAL:
        given = services[name]["environment"]
        assert {"DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES", "STATUTES_PATH"} <= set(given), name
        assert given["STATUTES_PATH"] == "${STATUTES_FOLDER:+/srv/statutes}", (
            "no folder, no path: an empty one is refused"
        )
        mounted = [volume for volume in services[name]["volumes"] if volume.endswith(":/srv/statutes:ro")]
        assert mounted, name


def test_the_proxy_lets_through_what_the_portal_takes() -> None:
    text = (settings.ROOT / "docs" / "Caddyfile").read_text(encoding="utf-8")
    most = re.search(r"max_size (\d+)MiB", text)
    assert most is not None
    assert int(most[1]) << 20 > settings.DATASETS_UPLOAD_LIMIT
