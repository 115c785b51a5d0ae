// An application that sends webhooks with the official SDK, and a customer who gets them.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import * as sdk from "svix";

// An old SDK is no module of today's kind, and all of it is one thing.
const { ApiException, Svix, Webhook } = sdk.Svix ? sdk : sdk.default;
// What 2.x calls by another name than 1.x; an SDK drops what it does not know.
const types = (names) => ({ eventTypes: names, filterTypes: names });
const rate = (number) => ({ throttleRate: number, rateLimit: number });

const TYPE = "invoice.paid";
// A slash at the end makes this SDK ask for //api/v1/...
const options = { serverUrl: `${process.env.SVIX_SERVER_URL}/` };
const svix = new Svix(process.env.SVIX_TOKEN, options);
let checks = 0;
const check = (ok, what) => {
  assert.ok(ok, what);
  checks += 1;
};

let answering = 200;
const got = [];
const customer = createServer((request, answer) => {
  let body = "";
  request.setEncoding("utf8").on("data", (part) => (body += part));
  request.on("end", () => {
    got.push({ headers: request.headers, body });
    answer.writeHead(answering).end();
  });
});
await new Promise((ready) => customer.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${customer.address().port}/hook`;

const until = async (look, what) => {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error(`in vain: ${what}`);
};
const refused = async (status, work) => {
  try {
    await work();
  } catch (why) {
    return why instanceof ApiException && why.code === status;
  }
  return false;
};

const pages = async (ask, options = {}) => {
  const everything = [];
  for (let iterator, done = false; !done; ) {
    const page = await ask({ iterator, ...options });
    everything.push(...page.data);
    ({ iterator, done } = page);
  }
  return everything;
};

// Apps and event types.
const uid = "org_1";
const apps = await Promise.all([1, 2, 3].map(() => svix.application.getOrCreate({ name: "Acme", uid })));
check(new Set(apps.map((app) => app.id)).size === 1, "three at once get one app");
await svix.application.create({ name: "Other", uid: "org_2" });
check(await refused(409, () => svix.application.create({ name: "Again", uid: "org_2" })), "a uid is taken");
check((await svix.application.patch(uid, { name: "Acme Ltd" })).name === "Acme Ltd", "an app is changed");
const uids = (await pages((options) => svix.application.list(options), { limit: 1 })).map((app) => app.uid);
check(uids.sort().join() === "org_1,org_2", "apps, page by page");
await svix.eventType.create({ name: TYPE, description: "An invoice was paid" });
await svix.eventType.create({ name: "invoice.void", description: "An invoice is void" });
await svix.eventType.delete("invoice.void");
const listed = await svix.eventType.list({ limit: 250, includeArchived: true });
check(listed.done && listed.data.some((type) => type.name === TYPE), "the type is listed");
check((await svix.eventType.list()).data.every((type) => type.name !== "invoice.void"), "an archived one is not");

// An endpoint.
const wanted = { url, uid: "ep-1", ...types([TYPE]), channels: ["a"], ...rate(200) };
const endpoint = await svix.endpoint.create(uid, wanted);
check((endpoint.eventTypes ?? endpoint.filterTypes)[0] === TYPE, "the endpoint is as it was asked for");
check((endpoint.throttleRate ?? endpoint.rateLimit) === 200, "and its rate");
check(await refused(409, () => svix.endpoint.create(uid, wanted)), "its uid is taken");
check(await refused(422, () => svix.endpoint.create(uid, { url: "no url" })), "a URL is needed");
await svix.endpoint.patchHeaders(uid, "ep-1", { headers: { "X-Own": "1" } });
check((await svix.endpoint.getHeaders(uid, "ep-1")).headers["X-Own"] === "1", "a header is kept");
check((await svix.endpoint.list("org_2")).data.length === 0, "it is in its own app alone");

// Messages.
const draft = (number) => ({ eventType: TYPE, payload: { number }, eventId: `paid-${number}`, channels: ["a"] });
const send = (number, more = {}) => svix.message.create(uid, { ...draft(number), ...more });
const message = await send(0);
check(message.eventId === "paid-0", "its id comes back");
const { headers, body } = await until(() => got[0], "a delivery");
const { key } = await svix.endpoint.getSecret(uid, endpoint.id);
new Webhook(key).verify(body, headers);
check(JSON.parse(body).number === 0 && headers["x-own"] === "1", "it is signed");
assert.throws(() => new Webhook(key).verify(`${body} `, headers), "and nothing else is");
check(await refused(409, () => send(0)), "it is not sent twice");
check(await refused(422, () => send("has space", { eventId: "has space" })), "an id has no spaces");
check(await refused(404, () => svix.message.create("nobody", { eventType: TYPE, payload: {} })), "nobody is there");
check((await svix.message.get(uid, "paid-0")).id === message.id, "it is found by the id it was given");

// Rotation, and an attempt that is asked for.
await svix.endpoint.rotateSecret(uid, endpoint.id, {});
const once = { idempotencyKey: "once" };
const twins = await Promise.all([1, 2].map(() => svix.message.create(uid, draft(1), once)));
check(twins[0].id === twins[1].id, "under one key there is one message");
const second = await until(() => got[1], "another delivery");
const current = (await svix.endpoint.getSecret(uid, endpoint.id)).key;
check(current !== key, "there is another secret");
for (const one of [key, current]) new Webhook(one).verify(second.body, second.headers);
await svix.messageAttempt.resend(uid, "paid-1", endpoint.id);
await until(() => got[2], "it was asked for once more");
const attempts = await until(async () => {
  const { data } = await svix.messageAttempt.listByMsg(uid, "paid-1");
  return data.length === 2 && data;
}, "two attempts");
check(attempts.every((attempt) => attempt.status === 0), "both were taken");
check((await svix.messageAttempt.get(uid, "paid-1", attempts[0].id)).id === attempts[0].id, "one attempt");

// Failures, and how they are made good.
answering = 500;
await send(2);
const failed = await until(async () => {
  const { data } = await svix.messageAttempt.listByEndpoint(uid, endpoint.id, { status: 2 });
  return data.length > 0 && data;
}, "a failure");
check(failed.every((attempt) => attempt.responseStatusCode === 500), "it failed");
answering = 200;
const since = new Date(Date.now() - 3_600_000);
await svix.endpoint.recover(uid, endpoint.id, { since });
await until(async () => {
  const { data } = await svix.messageAttempt.listByEndpoint(uid, endpoint.id, { status: 0 });
  return data.some((attempt) => attempt.msgId === failed[0].msgId);
}, "it is made good");
check((await svix.endpoint.getStats(uid, endpoint.id)).success >= 3, "successes are counted");
await svix.eventType.create({ name: "invoice.sent", description: "An invoice was sent" });
const missed = await svix.message.create(uid, { eventType: "invoice.sent", payload: { number: 3 } });
await svix.endpoint.patch(uid, endpoint.id, { ...types([TYPE, "invoice.sent"]), channels: null });
await svix.endpoint.replayMissing(uid, endpoint.id, { since });
await until(() => got.some((one) => JSON.parse(one.body).number === 3), "what it never got");
const seen = await pages((options) => svix.message.list(uid, options), { limit: 1, eventTypes: [TYPE] });
check(seen.map((one) => one.eventId).join() === "paid-2,paid-1,paid-0", "the newest first, page by page");
check((await svix.messageAttempt.listByMsg(uid, missed.id)).data.length === 1, "and one attempt");

// The customer's own view.
const access = await svix.authentication.appPortalAccess(uid, { featureFlags: ["beta"] });
check(access.url.includes(access.token), "a link with its token");
const portal = new Svix(access.token, options);
await portal.endpoint.patch(uid, endpoint.id, { disabled: true });
check((await portal.endpoint.get(uid, endpoint.id)).disabled, "the customer switches it off");
check(await refused(403, () => portal.application.list()), "and sees no other app");
check(await refused(404, () => portal.endpoint.list("org_2")), "nor its endpoints");
check(await refused(401, () => new Svix("not.a.token", options).application.list()), "a stranger sees nothing");
await svix.endpoint.delete(uid, endpoint.id);
check(await refused(404, () => svix.endpoint.get(uid, "ep-1")), "the endpoint is removed");
await svix.application.delete(uid);
check(await refused(404, () => svix.application.get(uid)), "it is gone");
customer.close();
customer.closeAllConnections();
console.log(JSON.stringify({ type: "done", checks }));
