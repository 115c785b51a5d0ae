"""An application that sends webhooks with the official SDK, and a customer who gets them."""
import json
import os
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from svix import api
from svix.api import Svix, SvixOptions
from svix.exceptions import HttpError, HTTPValidationError
from svix.webhooks import Webhook, WebhookVerificationError

try:
    from svix import models
except ImportError:
    models = api
# What 2.x calls by another name than 1.x.
RENAMED = {"event_types": "filter_types", "throttle_rate": "rate_limit"}


def made(model, **fields):
    """A model by its name of today, its fields by theirs, whatever this SDK calls them."""
    kind = getattr(models, model, None) or getattr(api, model)
    known = getattr(kind, "model_fields", None) or {one.name for one in kind.__attrs_attrs__}
    return kind(**{name if name in known else RENAMED[name]: value for name, value in fields.items()})


def field(thing, name):
    return getattr(thing, name) if hasattr(thing, name) else getattr(thing, RENAMED[name])


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


def pages(ask, **options):
    """Everything that a list has, page by page."""
    everything, iterator = [], None
    while True:
        page = ask(iterator=iterator, **options)
        everything += page.data
        if page.done:
            return everything
        iterator = page.iterator


def refused(status, work):
    try:
        work()
    except (HttpError, HTTPValidationError) as why:
        return why.status_code == status
    return False


def is_forged(key, body, headers):
    try:
        Webhook(key).verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


customer = ThreadingHTTPServer(("127.0.0.1", 0), Customer)
threading.Thread(target=customer.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{customer.server_port}/hook"

# Apps.
app = svix.application.get_or_create(made("ApplicationIn", name="User 1", uid="user_1", metadata={"plan": "pro"}))
again = svix.application.get_or_create(made("ApplicationIn", name="Other", uid="user_1"))
check(again.id == app.id and again.name == "User 1", "the same app twice")
check(refused(409, lambda: svix.application.create(made("ApplicationIn", name="x", uid="user_1"))), "a uid is taken")
check(refused(422, lambda: svix.application.create(made("ApplicationIn", name=""))), "a name is needed")
check(refused(404, lambda: svix.application.get("nobody")), "nobody is there")
patched = svix.application.patch("user_1", made("ApplicationPatch", name="User One"))
check((patched.name, patched.metadata) == ("User One", {"plan": "pro"}), "what is not named stays")
for number in (2, 3):
    svix.application.create(made("ApplicationIn", name=f"User {number}", uid=f"user_{number}"))


def apps(**options):
    return svix.application.list(api.ApplicationListOptions(**options))


check([one.uid for one in pages(apps, limit=1)] == ["user_1", "user_2", "user_3"], "apps, page by page")
svix.application.delete("user_3")
check(len(pages(apps)) == 2, "one less")

# Event types.
svix.event_type.create(made("EventTypeIn", name=TYPE, description="A report is ready"))
check(refused(409, lambda: svix.event_type.create(made("EventTypeIn", name=TYPE, description="x"))), "a type is taken")
for number in range(3):
    svix.event_type.create(made("EventTypeIn", name=f"other.{number}", description="Another"))
svix.event_type.patch(TYPE, made("EventTypePatch", description="It is ready"))
check(svix.event_type.get(TYPE).description == "It is ready", "a type is changed")
svix.event_type.delete("other.0")


def types(**options):
    return svix.event_type.list(api.EventTypeListOptions(**options))


check([one.name for one in pages(types, limit=2)] == ["other.1", "other.2", TYPE], "an archived type is not listed")
check(len(pages(types, limit=2, include_archived=True)) == 4, "unless it is asked for")

# An endpoint.
wanted = made("EndpointIn", url=url, uid="ep-1", event_types=[TYPE], metadata={"team": "a"}, throttle_rate=200)
endpoint = svix.endpoint.create("user_1", wanted)
check(endpoint.metadata == {"team": "a"} and field(endpoint, "event_types") == [TYPE], "it is as it was asked for")
check(field(endpoint, "throttle_rate") == 200, "its rate too")
check(refused(409, lambda: svix.endpoint.create("user_1", wanted)), "its uid is taken")
check(refused(422, lambda: svix.endpoint.create("user_1", made("EndpointIn", url="no url"))), "a URL is needed")
unknown = made("EndpointIn", url=url, event_types=["no.such"])
check(refused(422, lambda: svix.endpoint.create("user_1", unknown)), "a type has to be there")
headers = made("EndpointHeadersIn", headers={"X-Own": "1", "X-Key": "hush"})
(getattr(svix.endpoint, "set_headers", None) or svix.endpoint.update_headers)(app.id, "ep-1", headers)
shown = svix.endpoint.get_headers(app.id, "ep-1")
check(shown.headers.get("X-Own") == "1", "headers are shown")
svix.endpoint.patch_headers(app.id, "ep-1", made("EndpointHeadersPatchIn", headers={"X-Own": "2"}))
check(svix.endpoint.get(app.id, "ep-1").id == endpoint.id, "it is found by its uid")
check([one.id for one in svix.endpoint.list(app.id).data] == [endpoint.id], "it is listed")
check(svix.endpoint.list("user_2").data == [], "and nowhere else")


# Messages.
def message_in(number, **more):
    return made("MessageIn", event_type=TYPE, payload={"number": number}, event_id=f"report-{number}", **more)


def send(number, **more):
    return svix.message.create("user_1", message_in(number, **more))


first = send(0, channels=["a"], tags=["t"])
headers, body = until(lambda: got and got[-1], "a delivery")
Webhook(svix.endpoint.get_secret(app.id, endpoint.id).key).verify(body, headers)
check(json.loads(body) == {"number": 0} and headers["X-Own"] == "2", "it is delivered and signed")
check(refused(409, lambda: send(0)), "it is not sent twice")
check(svix.message.get(app.id, "report-0").id == first.id, "it is found by the id it was given")
whole = svix.message.get(app.id, first.id, api.MessageGetOptions(with_content=True))
check(whole.payload == {"number": 0}, "with its payload")
check(refused(404, lambda: svix.message.get("user_2", first.id)), "but not in another app")
once = api.MessageCreateOptions(idempotency_key="once")
twins = [svix.message.create("user_1", message_in(9), once) for _ in range(3)]
check(len({one.id for one in twins}) == 1, "under one key there is one message")
unsent = svix.message.create("user_1", made("MessageIn", event_type="other.1", payload={}))

# Rotation: the former secret signs for a day.
former = svix.endpoint.get_secret(app.id, endpoint.id).key
svix.endpoint.rotate_secret(app.id, endpoint.id, made("EndpointSecretRotateIn"))
current = svix.endpoint.get_secret(app.id, endpoint.id).key
check(current != former, "there is another secret")

# Failures, and what follows from them.
broken.set()
failed = [send(number) for number in (1, 2)]


def attempts(**options):
    options = api.MessageAttemptListByEndpointOptions(**options)
    return svix.message_attempt.list_by_endpoint(app.id, "ep-1", options)


until(lambda: len({one.msg_id for one in attempts(status=2).data}) == 2, "failures")
check({one.response_status_code for one in attempts(status=2).data} == {500}, "they failed")
check(attempts(status_code_class=200).data and not attempts(status_code_class=400).data, "and are chosen by class")
check({one.event_type for one in svix.message_attempt.list_attempted_messages(app.id, "ep-1").data} == {TYPE}, "sent")
broken.clear()
svix.message_attempt.resend(app.id, failed[0].id, endpoint.id)
hour = datetime.now(timezone.utc) - timedelta(hours=1)
svix.endpoint.recover(app.id, endpoint.id, made("RecoverIn", since=hour))
sent = {one.id for one in [first, twins[0], *failed]}
until(lambda: {one.msg_id for one in attempts(status=0).data} == sent, "everything taken")
for key in (former, current):
    Webhook(key).verify(got[-1][1], got[-1][0])
check(is_forged(current, got[-1][1] + " ", got[-1][0]), "and nothing else")
check(svix.endpoint.get_stats(app.id, "ep-1").success >= 3, "successes are counted")


def of_message(**options):
    return svix.message_attempt.list_by_msg(app.id, failed[0].id, api.MessageAttemptListByMsgOptions(**options))


until(lambda: any(one.trigger_type == 1 for one in of_message().data), "one that was asked for")
check(len(pages(of_message, limit=1)) == len(of_message().data) >= 2, "attempts, page by page")
one = of_message().data[0]
check(svix.message_attempt.get(app.id, failed[0].id, one.id).id == one.id, "one attempt")
places = svix.message_attempt.list_attempted_destinations(app.id, failed[0].id).data
check([place.id for place in places] == [endpoint.id], "and where it went")
check(unsent.id not in {one.msg_id for one in attempts().data}, "of no interest here")
every = made("EndpointPatch", event_types=[TYPE, "other.1"])
check(sorted(field(svix.endpoint.patch(app.id, "ep-1", every), "event_types")) == ["other.1", TYPE], "now it is")
svix.endpoint.replay_missing(app.id, "ep-1", made("ReplayIn", since=hour))
until(lambda: unsent.id in {one.msg_id for one in attempts(status=0).data}, "what it never got")


def messages(**options):
    return svix.message.list(app.id, api.MessageListOptions(**options))


listed = [one.event_id for one in pages(messages, limit=2, event_types=[TYPE])]
check(listed == ["report-2", "report-1", "report-9", "report-0"], "the newest first, page by page")
check([one.id for one in messages(channel="a").data] == [first.id], "of a channel")
check([one.id for one in messages(tag="t").data] == [first.id], "with a tag")
check(messages(before=hour).data == [] and len(messages(after=hour).data) == 5, "and of a time")
svix.message.expunge_content(app.id, first.id)
whole = svix.message.get(app.id, first.id, api.MessageGetOptions(with_content=True))
check(whole.payload != {"number": 0}, "a payload is removed")
check(refused(422, lambda: messages(iterator="nonsense")), "an iterator is not made up")

# The customer's own view.
access = svix.authentication.app_portal_access(app.id, made("AppPortalAccessIn", feature_flags=["beta"]))
check(access.token in access.url, "a link with its token")
portal = Svix(access.token, SvixOptions(**server))
check([one.id for one in portal.endpoint.list(app.id).data] == [endpoint.id], "the customer sees the endpoint")
own = portal.endpoint.create(app.id, made("EndpointIn", url=url, uid="own"))
portal.endpoint.delete(app.id, own.id)
check(refused(404, lambda: portal.endpoint.get(app.id, "own")), "and makes and removes one")
check(refused(403, lambda: portal.application.list()), "and no other app")
check(refused(404, lambda: portal.endpoint.list("user_2")), "nor its endpoints")
stranger = Svix("not.a.token", SvixOptions(**server))
check(refused(401, lambda: stranger.application.list()), "a stranger sees nothing")
check(svix.endpoint.patch(app.id, "ep-1", made("EndpointPatch", disabled=True)).disabled, "it is switched off")
svix.endpoint.delete(app.id, "ep-1")
check(refused(404, lambda: svix.endpoint.get(app.id, "ep-1")), "it is removed")
svix.application.delete("user_1")
check(refused(404, lambda: svix.application.get("user_1")), "it is gone")
customer.shutdown()
print(json.dumps({"type": "done", "checks": checks}))
