"""Check the TLS settings of a client before the first request.

urllib3 reads the files when it connects: a missing one would end in "[Errno 2] No such file or
directory", without a name, after all retries.
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from typing import Any, Callable, Dict, Optional, Tuple, Union, cast

from formlabs_web_api.exceptions import ApiTypeError, ApiValueError

_PEM = b"-----BEGIN"


def tls_options(
    ca_file: Optional[str],
    ca_data: Union[str, bytes, None],
    cert_file: Optional[str],
    key_file: Optional[str],
    trust_environment: bool,
) -> Dict[str, Any]:
    """Return urllib3's options for certificates, all of which were read once.

    Where no certificates are named, ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE`` are used if the
    environment is trusted.

    Raises:
        ApiTypeError: a path is something else.
        ApiValueError: a file is missing or holds no certificate; the message names the setting.
    """
    if isinstance(ca_data, bytes) and ca_data.lstrip().startswith(_PEM):
        raise ApiValueError(
            "ca_cert_data: PEM certificates have to be given as text, since bytes stand for DER;"
            ' decode them, with .decode("ascii")'
        )
    source = "ssl_ca_cert"
    if ca_file is None and ca_data is None and trust_environment:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            if os.environ.get(name):
                source, ca_file = name, os.environ[name]
                break
    paths = {source: ca_file, "cert_file": cert_file, "key_file": key_file}
    for setting, path in paths.items():
        if not isinstance(cast(Any, path), (str, bytes, os.PathLike, type(None))):
            raise ApiTypeError(f"{setting}: a path is needed, not {type(path).__name__}")
    options: Dict[str, Any] = {"ca_cert_data": ca_data, "cert_file": cert_file}
    options["key_file"] = key_file
    is_folder = ca_file is not None and os.path.isdir(ca_file)
    options["ca_cert_dir" if is_folder else "ca_certs"] = ca_file
    if ca_file is not None and not is_folder:
        _check_authorities(source, ca_file, *_version_of(ca_file))
    if ca_data is not None:
        data = ca_data
        _check("ca_cert_data", None, lambda: _context().load_verify_locations(cadata=data))
    if key_file is not None and not os.path.isfile(key_file):
        raise ApiValueError(f"key_file: there is no file {key_file!r}")
    if cert_file is not None:
        _check_own_certificate(cert_file, key_file)
    return options


@lru_cache(maxsize=8)
def _check_authorities(setting: str, path: str, changed_ns: int, size: int) -> None:
    """Check a file of certificates once: a system's bundle takes 15 ms to read."""
    _check(setting, path, lambda: _context().load_verify_locations(cafile=path))


def _version_of(path: str) -> Tuple[int, int]:
    """Return the time of change, in ns, and the size of a file; zeros if it does not exist."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _check_own_certificate(cert_file: str, key_file: Optional[str]) -> None:
    def load() -> None:
        # An encrypted key is not asked for here: urllib3 has no setting for its password.
        _context().load_cert_chain(cert_file, key_file, password=lambda: b"")

    _check("cert_file", cert_file, load)


def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _check(setting: str, path: Optional[str], load: Callable[[], object]) -> None:
    if path is not None and not os.path.exists(path):
        raise ApiValueError(f"{setting}: there is no file {path!r}")
    try:
        load()
    except (OSError, ValueError, TypeError) as error:  # ssl.SSLError is an OSError
        what = "the value" if path is None else repr(path)
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise ApiValueError(
            f"{setting}: {what} cannot be used ({reason}); certificates in PEM form are needed"
        ) from None
