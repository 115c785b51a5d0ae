"""An application that sends webhooks with the official SDK, and a customer who gets them."""
import json
import os
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from svix.api import (
    ApplicationIn, AppPortalAccessIn, EndpointHeadersIn, EndpointIn, EndpointPatch, EndpointSecretRotateIn, EventTypeIn,
    MessageIn, MessageListOptions, RecoverIn, Svix, SvixOptions,
)
from svix.exceptions import HttpError, HTTPValidationError
from svix.webhooks import Webhook

TYPE = "report.ready"
server = {"server_url": os.environ["SVIX_SERVER_URL"]}
svix = Svix(os.environ["SVIX_TOKEN"], SvixOptions(**server))
checks, got, broken = 0, [], threading.Event()


class Customer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        got.append((dict(self.headers), body))
        self.send_response(500 if broken.is_set() else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def check(ok, what):
    global checks
    assert ok, what
    checks += 1


def until(look, what):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"in vain: {what}")


def refused(status, work):
    try:
        work()
    except (HttpError, HTTPValidationError) as why:
        return why.status_code == status
    return False


customer = ThreadingHTTPServer(("127.0.0.1", 0), Customer)
threading.Thread(target=customer.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{customer.server_port}/hook"

app = svix.application.get_or_create(ApplicationIn(name="User 1", uid="user_1"))
check(svix.application.get_or_create(ApplicationIn(name="Other", uid="user_1")).id == app.id, "the same app twice")
check(refused(409, lambda: svix.application.create(ApplicationIn(name="x", uid="user_1"))), "a uid is taken")
check(refused(422, lambda: svix.application.create(ApplicationIn(name=""))), "a name is needed")
check(refused(404, lambda: svix.application.get("nobody")), "nobody is there")
svix.event_type.create(EventTypeIn(name=TYPE, description="A report is ready"))
endpoint = svix.endpoint.create("user_1", EndpointIn(url=url, uid="ep-1", event_types=[TYPE], metadata={"team": "a"}))
check(endpoint.metadata == {"team": "a"} and endpoint.event_types == [TYPE], "the endpoint is as it was asked for")
svix.endpoint.set_headers(app.id, "ep-1", EndpointHeadersIn(headers={"X-Own": "1"}))


def send(number, **more):
    message = MessageIn(event_type=TYPE, payload={"number": number}, event_id=f"report-{number}", **more)
    return svix.message.create("user_1", message)


first = send(0)
headers, body = until(lambda: got and got[-1], "a delivery")
Webhook(svix.endpoint.get_secret(app.id, endpoint.id).key).verify(body, headers)
check(json.loads(body) == {"number": 0} and headers["X-Own"] == "1", "it is delivered and signed")
check(refused(409, lambda: send(0)), "it is not sent twice")
svix.endpoint.rotate_secret(app.id, endpoint.id, EndpointSecretRotateIn())
old = svix.endpoint.get_secret(app.id, endpoint.id).key
broken.set()
failed = [send(number) for number in (1, 2)]


def attempts(status):
    return [one for one in svix.message_attempt.list_by_endpoint(app.id, "ep-1").data if one.status == status]


until(lambda: len({one.msg_id for one in attempts(2)}) == 2, "failures")
check({one.response_status_code for one in attempts(2)} == {500}, "they failed")
broken.clear()
svix.message_attempt.resend(app.id, failed[0].id, endpoint.id)
svix.endpoint.recover(app.id, endpoint.id, RecoverIn(since=datetime.now(timezone.utc) - timedelta(hours=1)))
sent = {one.id for one in [first, *failed]}
until(lambda: {one.msg_id for one in attempts(0)} == sent, "everything taken")
Webhook(old).verify(got[-1][1], got[-1][0])
check(svix.endpoint.get_stats(app.id, "ep-1").success >= 3, "successes are counted")
pages, iterator = [], None
while True:
    page = svix.message.list(app.id, MessageListOptions(limit=2, iterator=iterator))
    pages += [one.event_id for one in page.data]
    if page.done:
        break
    iterator = page.iterator
check(pages == ["report-2", "report-1", "report-0"], "the newest first, page by page")
portal = Svix(svix.authentication.app_portal_access(app.id, AppPortalAccessIn()).token, SvixOptions(**server))
check([one.id for one in portal.endpoint.list(app.id).data] == [endpoint.id], "the customer sees the endpoint")
check(refused(403, lambda: portal.application.list()), "and no other app")
check(svix.endpoint.patch(app.id, "ep-1", EndpointPatch(disabled=True)).disabled, "it is switched off")
svix.application.delete("user_1")
check(refused(404, lambda: svix.application.get("user_1")), "it is gone")
customer.shutdown()
print(json.dumps({"type": "done", "checks": checks}))
