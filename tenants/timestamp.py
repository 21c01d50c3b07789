"""Timestamps of an outside authority (RFC 3161): a token that says that some bytes existed at a moment.

What leaves is a SHA-256 and a random number, nothing of the file. The answer is kept as received: ``openssl ts -verify``
reads it (docs/dossier.md). Its signature is for whoever relies on it to check, with the authority's certificate.
"""

from __future__ import annotations

import secrets
import ssl
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from asn1crypto import cms, core, tsp

from tenants.errors import Invalid, Unavailable

SECONDS = 10
LARGEST = 1 << 16  # bytes of an answer; a token with its certificates takes about 6 000
GRANTED = {"granted", "granted_with_mods"}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def checked_url(url: str) -> str:
    """Return the address of an authority, or '' when there is none. Raises Invalid unless https, or http on this machine."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        parts, fine = urlsplit(""), False
    if not fine or not parts.hostname or parts.username:
        raise Invalid("VIGIE_TIMESTAMP_URL : donnez une adresse en https, sans identifiant.")
    return url


def token(url: str, sha256: str, authorities: Path | None = None) -> bytes:
    """Ask the authority for a token over a SHA-256 in hexadecimal; return its answer (TimeStampResp, DER) once checked.

    `authorities` is a file of certificates (PEM) that vouch for its https server, instead of the system's. Raises Unavailable,
    with a sentence, when the authority is unreachable, refuses, or answers something else than what was asked.
    """
    digest, nonce = bytes.fromhex(sha256), secrets.randbits(63)
    answer = _asked(url, _request(digest, nonce), authorities)
    try:
        _check(_Response.load(answer, strict=True), digest, nonce)
    except (ValueError, TypeError, KeyError) as error:  # what asn1crypto raises on other bytes
        raise Unavailable("le service a répondu autre chose qu’un horodatage") from error
    return answer


def _request(digest: bytes, nonce: int) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    asked = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    written: bytes = tsp.TimeStampReq(asked).dump()
    return written


def _asked(url: str, body: bytes, authorities: Path | None) -> bytes:
    try:
        context = ssl.create_default_context(cafile=str(authorities) if authorities else None)
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.HTTPSHandler(context=context)]
        if urlsplit(url).hostname in LOOPBACK:  # never by a proxy of the environment
            handlers.append(urllib.request.ProxyHandler({}))
        opener = urllib.request.build_opener(*handlers)
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        request = urllib.request.Request(checked_url(url), body, headers)  # noqa: S310  # https or loopback only
        with opener.open(request, timeout=SECONDS) as answer:
            read: bytes = answer.read(LARGEST + 1)
    except HTTPError as error:
        error.close()
        raise Unavailable(f"le service a répondu {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable("le service n’a pas répondu") from error
    if len(read) > LARGEST:
        raise Unavailable("la réponse du service est démesurée")
    return read


def _check(response: Any, digest: bytes, nonce: int) -> None:
    """The status, then what the token is about: a token over other bytes, or an old one, is worth nothing."""
    if response["status"]["status"].native not in GRANTED:
        raise Unavailable("le service a refusé la demande")
    signed = response["time_stamp_token"]["content"]
    if response["time_stamp_token"]["content_type"].native != "signed_data":
        raise ValueError("not a signed token")
    if signed["encap_content_info"]["content_type"].native != "tst_info" or not signed["signer_infos"]:
        raise ValueError("not a token of time")
    told = signed["encap_content_info"]["content"].parsed
    imprint = told["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256" or imprint["hashed_message"].native != digest:
        raise Unavailable("le jeton porte sur un autre fichier")
    if told["nonce"].native != nonce:
        raise Unavailable("le jeton répond à une autre demande")


class _Response(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """A TimeStampResp; a refusal has no token (RFC 3161, 2.4.2)."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An authority does not send elsewhere: what it answers instead of a token is a refusal."""

    def redirect_request(self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        """Follow nothing."""
