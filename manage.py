#!/usr/bin/env python
"""Django's command line, with the development settings unless told otherwise."""

import os
import sys

from portal.terminal import run

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.development")
    run(sys.argv)
