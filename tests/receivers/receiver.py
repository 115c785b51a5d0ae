"""A receiver with a provider's official library: `receiver.py LIBRARY [FLAW]`, the secret in WEBHOOK_SECRET.

Without a flaw it does what the library's own pages say. It takes a port of its own and names it on stdout.
"""

import base64
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEBHOOK_SECRET"]
IDS = set()


def with_standardwebhooks(body, headers):
    from standardwebhooks.webhooks import Webhook

    return Webhook(SECRET).verify(body, headers)


def with_svix(body, headers):
    from svix.webhooks import Webhook

    return Webhook(SECRET).verify(body, headers)


def with_stripe(body, headers):
    import stripe

    return stripe.Webhook.construct_event(body, headers.get("stripe-signature"), SECRET)


LIBRARIES = {"standardwebhooks": with_standardwebhooks, "svix": with_svix, "stripe": with_stripe}


def never_compares(body, headers, verify):
    at = int(headers["webhook-timestamp"])
    if abs(time.time() - at) > 300 or not headers["webhook-signature"].startswith("v1,") or not headers["webhook-id"]:
        raise ValueError("this looks like no delivery")
    return json.loads(body)


def forgets_the_time(body, headers, verify):
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    if not any(hmac.compare_digest(right, one) for one in headers["webhook-signature"].split(" ")):
        raise ValueError("wrong signature")
    return json.loads(body)


def verifies_what_is_there(body, headers, verify):
    return verify(body, headers) if "webhook-signature" in headers else json.loads(body)


def verifies_what_it_parsed(body, headers, verify):
    return verify(json.dumps(json.loads(body)), headers)


def fails_on_other_types(event, headers):
    return 200 if event["type"] == "order.created" else 500


def fails_on_known_ids(event, headers):
    known = headers["webhook-id"] in IDS
    IDS.add(headers["webhook-id"])
    return 500 if known else 200


VERIFYING = {
    "never-compares": never_compares,
    "forgets-the-time": forgets_the_time,
    "verifies-what-is-there": verifies_what_is_there,
    "verifies-what-it-parsed": verifies_what_it_parsed,
}
HANDLING = {"fails-on-other-types": fails_on_other_types, "fails-on-known-ids": fails_on_known_ids}
REDIRECTS = {"/hook": "/one", "/one": "/two", "/two": "/three"}


class Receiver(BaseHTTPRequestHandler):
    library = staticmethod(LIBRARIES[sys.argv[1]])
    flaw = "".join(sys.argv[2:])

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.flaw == "redirects-thrice" and self.path in REDIRECTS:
            return self.answer(307, ("Location", REDIRECTS[self.path]))
        if self.flaw == "never-answers":
            # Until whoever waits for the answer gives up.
            return self.rfile.read()
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            verifying = VERIFYING.get(self.flaw)
            event = verifying(body, headers, self.library) if verifying else self.library(body, headers)
        except Exception:  # What is malformed makes each library raise errors of its own.
            return self.answer(400)
        self.answer(HANDLING.get(self.flaw, lambda event, headers: 200)(event, headers))

    def answer(self, status, *headers):
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.daemon_threads = True
print(json.dumps({"type": "ready", "port": server.server_port}), flush=True)
server.serve_forever()
