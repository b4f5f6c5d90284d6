"""What there is beside a case, asked at once, so that its page reads only what is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from cases.models import Attachment, Case, Comment, Following
from organizations.actors import Actor


@dataclass(frozen=True, slots=True)
class Beside:
    """Whether there are files, comments and other cases; whether the actor follows it. What may be seen comes later."""

    files: bool
    comments: bool
    relatives: bool
    followed: bool


def beside(actor: Actor, case: Case) -> Beside:
    own = OuterRef("pk")
    row = Case.objects.filter(pk=case.pk).values_list(
        Exists(Attachment.objects.filter(case=own)),
        Exists(Comment.objects.filter(case=own)),
        Exists(Case.objects.filter(parent=own)),
        Exists(Following.objects.filter(case=own, user=actor.user)),
    )
    files, comments, children, followed = row.get()
    return Beside(files, comments, children or case.parent_id is not None, followed)
