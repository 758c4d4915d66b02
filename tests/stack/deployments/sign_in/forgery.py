"""Forges tokens from a valid one, without the key of the pool."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

OWN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
Sign = Callable[[bytes], bytes]
Claims = dict[str, Any]


def forged(token: str, header: Claims, claims: Claims, sign: Sign | None = None) -> str:
    """The token with other parts, and its own signature unless another is made."""
    parts = token.split(".")
    changed = [
        encoded(json.dumps(decoded(part) | more).encode())
        for part, more in zip(parts, (header, claims), strict=False)
    ]
    signed = ".".join(changed)
    return f"{signed}.{parts[2] if sign is None else encoded(sign(signed.encode()))}"


def decoded(part: str) -> Claims:
    return dict(json.loads(base64.urlsafe_b64decode(part + "==")))


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def unsigned(_signed: bytes) -> bytes:
    return b""


def by_own_key(signed: bytes) -> bytes:
    return OWN_KEY.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def own_key() -> Claims:
    """The public key in the form in which a token may carry it."""
    numbers = OWN_KEY.public_key().public_numbers()
    return {"kty": "RSA", "n": integer(numbers.n), "e": integer(numbers.e), "kid": "own"}


def integer(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def by_secret(secret: bytes) -> Sign:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


def public_pem(key: Claims) -> bytes:
    """A public key of the pool, which a careless verifier takes for the secret of HS256."""
    e, n = (
        int.from_bytes(base64.urlsafe_b64decode(key[name] + "=="), "big") for name in ("e", "n")
    )
    return (
        rsa.RSAPublicNumbers(e, n)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
