"""A timestamp authority (RFC 3161) for tests, on this machine, made by code: keys, certificates, answers, HTTP server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def _certificate(name: str, key: Any, issuer: str, by: Any, *, authority: bool) -> x509.Certificate:
    def named(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name)).issuer_name(named(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - timedelta(days=3650)).not_valid_after(AT + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )  # fmt: skip
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(by, hashes.SHA256())


class Authority:
    """Signs what it is asked; ``change`` alters the token before it is signed, ``answer`` replaces the whole answer."""

    def __init__(self) -> None:
        root, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self._root = _certificate("Racine d'essai", root, "Racine d'essai", root, authority=True)
        self._own = _certificate("Horodatage d'essai", self._key, "Racine d'essai", root, authority=False)
        self.change: dict[str, Any] = {}
        self.answer: bytes | None = None
        self.status = 200
        self.asked: list[bytes] = []

    def root(self) -> bytes:
        """The certificate to trust (PEM)."""
        return self._root.public_bytes(serialization.Encoding.PEM)

    def reply(self, query: bytes) -> bytes:
        """The answer to a query."""
        asked = tsp.TimeStampReq.load(query, strict=True)
        told = {
            "version": "v1", "policy": "1.2.3.4.1", "message_imprint": asked["message_imprint"], "serial_number": 1,
            "gen_time": AT, "nonce": asked["nonce"].native,
        } | self.change  # fmt: skip
        content = tsp.TSTInfo(told).dump()
        certificate = asn1_x509.Certificate.load(self._own.public_bytes(serialization.Encoding.DER))
        named = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": certificate.sha256})]})
        attributes = cms.CMSAttributes([
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]}),
        ])  # fmt: skip
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo({
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number})}),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        })  # fmt: skip
        signed = cms.SignedData({
            "version": "v3", "digest_algorithms": [sha256], "certificates": [certificate], "signer_infos": [signer],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
        })  # fmt: skip
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()


@contextmanager
def served() -> Iterator[tuple[Authority, str]]:
    """An authority and its address, on loopback, for the time of a block."""
    authority = Authority()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked.append(query)
            body = authority.reply(query) if authority.answer is None else authority.answer
            self.send_response(authority.status)
            if authority.status == 302:
                self.send_header("Location", "/ailleurs")
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield authority, f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
