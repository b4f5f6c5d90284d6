"""Where datasets hooks into the catalogue's pages."""

from __future__ import annotations

from typing import Any

from catalog.hooks import Panel, resource_panels
from catalog.models import Resource
from datasets import selectors
from datasets.policies import may_see_batches
from organizations.actors import Actor


def preview_panel(actor: Actor, resource: Resource) -> dict[str, Any]:
    """The masked preview, and the way to the batches for those who may see them."""
    return {
        "preview": selectors.masked_preview(actor, resource),
        "resource": resource,
        "may_see_batches": may_see_batches(actor, resource),
    }


def connect() -> None:
    """Called once when the app is ready."""
    resource_panels.append(Panel("datasets/_preview.html", preview_panel, "main"))
