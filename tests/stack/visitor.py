"""A user who signs in at Cognito's page, as a browser does: code flow with PKCE."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

import boto3
import httpx

PASSWORD = "Correct-horse-battery-1"


@dataclass
class Visitor:
    """An invited user of one pool, in front of the page of one client."""

    pool: str
    client: str
    gateway: str
    name: str = "somebody@example.com"
    scope: str = "openid email"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def invite(self) -> None:
        """Make the account, as an administrator does."""
        cognito, user = (
            boto3.client("cognito-idp"),
            {"UserPoolId": self.pool, "Username": self.name},
        )
        cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)

    @property
    def page(self) -> str:
        """The only URL that the client returns to."""
        described = boto3.client("cognito-idp").describe_user_pool_client(
            UserPoolId=self.pool, ClientId=self.client
        )
        (page,) = described["UserPoolClient"]["CallbackURLs"]
        return page

    def code(self) -> str:
        """Sign in; the code that the browser comes back to the page with."""
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self.client,
            "redirect_uri": self.page,
            "response_type": "code",
            "scope": self.scope,
            "state": "state",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        form = httpx.get(f"{self.gateway}/oauth2/authorize", params=query).text
        hidden = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', form))
        typed = {"username": self.name, "password": PASSWORD}
        answer = httpx.post(f"{self.gateway}/login", data=hidden | typed)
        return httpx.URL(answer.headers["location"]).params["code"]

    def exchange(self, code: str, verifier: str) -> httpx.Response:
        """Exchange a code for tokens, as the page does."""
        fields = {
            "grant_type": "authorization_code",
            "client_id": self.client,
            "code": code,
            "redirect_uri": self.page,
            "code_verifier": verifier,
        }
        return httpx.post(f"{self.gateway}/oauth2/token", data=fields)

    def tokens(self) -> dict[str, str]:
        """Sign in; the tokens."""
        return dict(self.exchange(self.code(), self.verifier).json())

    def token(self) -> str:
        """Sign in; the access token."""
        return self.tokens()["access_token"]
