// An application that sends webhooks with the official SDK, and a customer who gets them.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { ApiException, Svix, Webhook } from "svix";

const TYPE = "invoice.paid";
// A slash at the end makes this SDK ask for //api/v1/...
const options = { serverUrl: `${process.env.SVIX_SERVER_URL}/` };
const svix = new Svix(process.env.SVIX_TOKEN, options);
let checks = 0;
const check = (ok, what) => {
  assert.ok(ok, what);
  checks += 1;
};

const got = [];
const customer = createServer((request, answer) => {
  let body = "";
  request.setEncoding("utf8").on("data", (part) => (body += part));
  request.on("end", () => {
    got.push({ headers: request.headers, body });
    answer.writeHead(200).end();
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

const uid = "org_1";
const apps = await Promise.all([1, 2, 3].map(() => svix.application.getOrCreate({ name: "Acme", uid })));
check(new Set(apps.map((app) => app.id)).size === 1, "three at once get one app");
await svix.eventType.create({ name: TYPE, description: "An invoice was paid" });
const types = await svix.eventType.list({ limit: 250, includeArchived: true });
check(types.done && types.data.some((type) => type.name === TYPE), "the type is listed");
const endpoint = await svix.endpoint.create(uid, { url, filterTypes: [TYPE], channels: ["a"], rateLimit: 50 });
check(endpoint.filterTypes[0] === TYPE && endpoint.version === 1, "the endpoint is as it was asked for");

const send = (number, more = {}) =>
  svix.message.create(uid, { eventType: TYPE, payload: { number }, eventId: `paid-${number}`, channels: ["a"], ...more });
const message = await send(0);
check(message.payload.number === 0, "the payload comes back");
const { headers, body } = await until(() => got[0], "a delivery");
const { key } = await svix.endpoint.getSecret(uid, endpoint.id);
check(new Webhook(key).verify(body, headers).number === 0, "it is signed");
check(await refused(409, () => send(0)), "it is not sent twice");
check(await refused(422, () => send("has space", { eventId: "has space" })), "an id has no spaces");
check(await refused(404, () => svix.message.create("nobody", { eventType: TYPE, payload: {} })), "nobody is there");

await svix.endpoint.rotateSecret(uid, endpoint.id, {});
await send(1);
const second = await until(() => got[1], "another delivery");
check(new Webhook(key).verify(second.body, second.headers), "the former secret signs too");
const current = (await svix.endpoint.getSecret(uid, endpoint.id)).key;
check(current !== key && new Webhook(current).verify(second.body, second.headers), "and so does the new one");
await svix.messageAttempt.resend(uid, "paid-1", endpoint.id);
await until(() => got[2], "it was asked for once more");
const attempts = await until(async () => {
  const { data } = await svix.messageAttempt.listByMsg(uid, "paid-1");
  return data.length === 2 && data;
}, "two attempts");
check(attempts.every((attempt) => attempt.status === 0), "both were taken");

const seen = [];
for (let iterator = null, done = false; !done; ) {
  const page = await svix.message.list(uid, { limit: 1, iterator, eventTypes: [TYPE] });
  seen.push(...page.data.map((one) => one.eventId));
  ({ iterator, done } = page);
}
check(seen.join() === "paid-1,paid-0", "the newest first, page by page");

const access = await svix.authentication.appPortalAccess(uid, { featureFlags: ["beta"] });
const portal = new Svix(access.token, options);
await portal.endpoint.patch(uid, endpoint.id, { disabled: true });
check((await portal.endpoint.get(uid, endpoint.id)).disabled, "the customer switches it off");
check(await refused(403, () => portal.application.list()), "and sees no other app");
await svix.application.delete(uid);
check(await refused(404, () => svix.application.get(uid)), "it is gone");
customer.close();
customer.closeAllConnections();
console.log(JSON.stringify({ type: "done", checks }));
