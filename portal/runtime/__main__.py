from __future__ import annotations

from portal.runtime.controller import main

raise SystemExit(main())
