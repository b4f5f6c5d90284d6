"""What the room of data has that rules may name: checks on rows, and its pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        guards={
            "batch_checked": Where(_("every row that is loaded is checked against the items"), "datasets:batches"),
            "duplicate_identity_of_rows": Where(_("a row's key identifies it once")),
        },
        pages={"dataset": Where(_("the page of a resource's data"), "datasets:batches")},
    )
