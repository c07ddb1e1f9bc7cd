"""An authenticator in software: it answers a site's questions about passkeys as a security key would (WebAuthn, ES256)."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text_of_bytes(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class SecurityKey:
    """One passkey on one site. `verifies` says that it asks for a PIN, a finger or a face."""

    origin: str = "http://localhost"
    verifies: bool = True
    counts: bool = True
    id: bytes = field(default_factory=lambda: token_bytes(16))
    count: int = 0

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def site(self) -> str:
        return self.origin.partition("://")[2].partition(":")[0]

    def make(self, question: dict[str, Any]) -> dict[str, str]:
        """Answers what `/account/security/passkeys/options` asks: the form's hidden fields."""
        public = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)})
        made = bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        about = self._about(ATTESTED) + made
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        said = self._said("webauthn.create", question["challenge"])
        response = {"clientDataJSON": text_of_bytes(said), "attestationObject": text_of_bytes(attestation)}
        return self._answer(question, response)

    def use(self, question: dict[str, Any]) -> dict[str, str]:
        """Answers what `/sign-in/passkey` asks."""
        self.count += self.counts
        about, said = self._about(0), self._said("webauthn.get", question["challenge"])
        signature = self.key.sign(about + sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text_of_bytes(said),
            "authenticatorData": text_of_bytes(about),
            "signature": text_of_bytes(signature),
        }
        return self._answer(question, response)

    def _about(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(self.site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _said(self, type: str, challenge: str) -> bytes:
        return json.dumps({"type": type, "challenge": text_of_bytes(challenge.encode()), "origin": self.origin}).encode()

    def _answer(self, question: dict[str, Any], response: dict[str, str]) -> dict[str, str]:
        id = text_of_bytes(self.id)
        answer = {"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}}
        return {"challenge": question["challenge"], "answer": json.dumps(answer)}


def add_passkey(client: Any, key: SecurityKey, name: str = "Blue key") -> Any:
    """As somebody signed in does it on the page."""
    question = client.get("/account/security/passkeys/options").json
    return client.post("/account/security/passkeys/new", data={"name": name} | key.make(question))
