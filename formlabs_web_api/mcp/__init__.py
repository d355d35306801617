"""A server of the Model Context Protocol: AI assistants ask about a fleet, and change its groups.

    from formlabs_web_api.mcp import create_server

    create_server(client).run("stdio")

``formlabs-web-api mcp`` runs it. Needs the extra ``mcp`` and Python 3.10 or newer.
"""

from typing import TYPE_CHECKING

from formlabs_web_api._util.lazy import lazy_exports

if TYPE_CHECKING:
    from formlabs_web_api.mcp.server import create_server as create_server

__getattr__, __dir__, __all__ = lazy_exports(__name__, {"create_server": "server"}, {})
