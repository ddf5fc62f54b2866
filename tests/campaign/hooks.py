"""What schemathesis is told of these APIs: who it is. Loaded by it, in an environment that knows nothing of ours."""

import hmac
import os
from hashlib import md5
from urllib.parse import urlsplit

import schemathesis
from requests.auth import AuthBase

KEY, SECRET = "acme-key", b"s3cr3t-for-tests"
NOW = "2026-03-01 09:00:00"
"""What the clock of the server says."""


class Signature(AuthBase):
    """Signs what is about to be sent, as iVvy's page says. It is asked of each request once that is whole."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        digest = md5(body).hexdigest()
        kind = request.headers.get("Content-Type", "")
        kind = kind.decode("latin-1") if isinstance(kind, bytes) else kind
        text = f"{request.method}{digest}{kind}{target}1.0IVVYDate={NOW}".lower()
        signature = hmac.new(SECRET, text.encode(), "sha1").hexdigest()
        request.headers["Content-MD5"] = digest
        request.headers["IVVY-Date"] = NOW
        request.headers["X-Api-Authorization"] = f"IWS {KEY}:{signature}"
        return request


if os.environ["EMULATOR_API"] == "ivvy":
    schemathesis.auth.set_from_requests(Signature())
