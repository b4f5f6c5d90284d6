"""What API views share that answer with files."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView


class FileView(APIView):
    """A view whose answer is a file: whoever asks for its type gets it, and refusals are JSON all the same."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)
