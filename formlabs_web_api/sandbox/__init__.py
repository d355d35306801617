"""A local server that answers as the live Formlabs Web API does.

    from formlabs_web_api.sandbox import Sandbox

    with Sandbox(seed=1) as sandbox:
        print(sandbox.url, sandbox.client_id, sandbox.client_secret)

or ``python -m formlabs_web_api.sandbox --port 8080``. Its fleet is generated. Serving needs the
extra ``sandbox`` (``pip install ".[sandbox]"`` in a checkout); importing this package does not.
"""

from formlabs_web_api.sandbox.server import Sandbox

__all__ = ["Sandbox"]
