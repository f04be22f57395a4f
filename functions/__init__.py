"""Lambda entry points, one module for each function of template.yaml. This runs before any of them is imported."""

import gc
import os
import sys
from types import ModuleType


class _Unused(ModuleType):
    """Stands for a module of which another imports names that it never uses here."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("_"):
            raise AttributeError(name)


# Leave out of every cold start what our packages import and we never use: httpx's command line and HTTP/2, without
# which their importers go on (None is an ImportError), the twin of postgrest's client for asyncio, pydantic's plugins.
for _name in ("httpx._main", "httpcore._async.http2", "httpcore._sync.http2"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]
for _name in ("postgrest._async.client", "postgrest._async.request_builder"):
    sys.modules.setdefault(_name, _Unused(_name))
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# Imports make some 80,000 objects and no garbage: do not look for any among them.
gc.set_threshold(100_000)
