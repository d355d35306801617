# Generated from openapi.yaml and overlay.yaml by `python -m codegen`. Do not edit.
"""AuthenticationApi: Access tokens: request one with application credentials, and revoke it."""

from formlabs_web_api._core import operation as op
from formlabs_web_api.models import (
    RequestAnAccessToken200Response,
    RequestAnAccessToken400Response,
    RequestAnAccessToken401Response,
)


class AuthenticationApi(op.Api):
    """Access tokens: request one with application credentials, and revoke it."""

    @op.operation
    def request_an_access_token(
        self,
        grant_type: op.Text,
        client_id: op.Text,
        client_secret: op.SecretText,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[RequestAnAccessToken200Response]:
        """Exchange application credentials for an access token.

        The call is sent without an Authorization header. The client id and the client secret come
        from the developer page of the Dashboard. The token is valid for `expires_in` seconds,
        usually a day.

        Args:
            grant_type: Kind of grant; only `client_credentials` is supported.
            client_id: Client id of the application.
            client_secret: Client secret of the application.
        """
        return op.Call(
            "POST",
            "/developer/v1/o/token/",
            RequestAnAccessToken200Response,
            form={"grant_type": grant_type, "client_id": client_id, "client_secret": client_secret},
            content_types=("application/x-www-form-urlencoded",),
            errors={400: RequestAnAccessToken400Response, 401: RequestAnAccessToken401Response},
            secured=False,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    request_an_access_token_with_http_info = op.with_http_info(request_an_access_token)
    request_an_access_token_without_preload_content = op.without_preload_content(
        request_an_access_token
    )

    @op.operation
    def revoke_an_access_token(
        self,
        token: op.SecretText,
        client_id: op.Text,
        client_secret: op.SecretText,
        _request_timeout: op.Timeout = None,
        _request_auth: op.Auth = None,
        _content_type: op.ContentType = None,
        _headers: op.Headers = None,
        _host_index: op.HostIndex = 0,
        *,
        _retries: op.Retries = None,
        _deadline: op.Deadline = None,
    ) -> op.Call[None]:
        """Revoke an access token before it expires.

        The call is sent without an Authorization header. Afterwards the token is refused, and a new
        one has to be requested.

        Args:
            token: The access token to revoke.
            client_id: Client id of the application.
            client_secret: Client secret of the application.
        """
        return op.Call(
            "POST",
            "/developer/v1/o/revoke_token/",
            None,
            form={"token": token, "client_id": client_id, "client_secret": client_secret},
            content_types=("application/x-www-form-urlencoded",),
            errors={401: RequestAnAccessToken401Response},
            secured=False,
            options=op.Options(
                _request_timeout, _request_auth, _content_type, _headers, _retries, _deadline
            ),
        )

    revoke_an_access_token_with_http_info = op.with_http_info(revoke_an_access_token)
    revoke_an_access_token_without_preload_content = op.without_preload_content(
        revoke_an_access_token
    )
