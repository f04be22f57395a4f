"""Lambda entry points, one module for each function of template.yaml. This runs before any of them is imported."""

import gc
import os
import sys

# Leave out what our packages load at their import and we never use: httpx's command line and httpcore's HTTP/2. Both
# are optional: their importers expect an ImportError, and None here is one. Look for no plugins of pydantic.
for unused in ("httpx._main", "httpcore._async.http2", "httpcore._sync.http2"):
    sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# Imports make some 80,000 objects and no garbage: do not look for any among them.
gc.set_threshold(100_000)
