// Somebody at `whk relay`, and their customer in the portal: endpoints, dead letters, types, and what a link allows.

import { accessible, app, browser, check, clean, foreign, hold, page, picture, post, same, test, until, whk } from "./kit.mjs";

test(async () => {
  const receiver = await app();
  // The page that shows the portal has to be known before the relay starts; what it shows is asked for later.
  let frame = "";
  const host = await foreign(() => `<iframe width="900" height="600" src="${frame}"></iframe>`);
  const relay = await whk(["relay", "--retry", "none", "--portal-origin", host]);
  const chromium = await browser();
  const own = await page(chromium);
  await own.goto(relay.link);
  const dialog = own.locator("dialog[open]");
  const card = own.locator(".ep");

  // The life of an endpoint.
  await own.locator("#live[data-is=on]").waitFor();
  await own.keyboard.press("2");
  await own.locator(".empty", { hasText: "No endpoint yet" }).waitFor();
  await own.getByRole("button", { name: "New endpoint" }).click();
  await dialog.getByLabel("URL").fill("http://127.0.0.1:1/no spaces");
  await dialog.getByLabel("Name").fill("Billing");
  await dialog.getByRole("button", { name: "Make" }).click();
  await dialog.locator(".problem").waitFor();
  await accessible("form with a mistake", own);
  await dialog.getByLabel("URL").fill(`${receiver.url}/hook`);
  await dialog.getByLabel("Events").fill("order.*, user.created");
  await dialog.getByRole("button", { name: "Make" }).click();
  await dialog.locator("code", { hasText: "whsec_" }).waitFor();
  const secret = await dialog.locator("code").innerText();
  await dialog.getByRole("button", { name: "Done" }).click();
  await card.getByText("enabled").waitFor();
  check("its types", (await card.innerText()).includes("order.*, user.created"));

  await own.getByRole("button", { name: "Edit: Billing" }).click();
  await dialog.getByLabel("Name").fill("Bills");
  await dialog.getByRole("button", { name: "Save" }).click();
  await card.locator("h2", { hasText: "Bills" }).waitFor();
  await own.getByRole("button", { name: "Disable: Bills" }).click();
  await card.getByText("disabled").waitFor();
  await own.getByRole("button", { name: "Enable: Bills" }).click();
  await card.getByText("enabled", { exact: true }).waitFor();
  await own.getByRole("button", { name: "Rotate secret: Bills" }).click();
  await dialog.getByRole("button", { name: "Rotate" }).click();
  await dialog.locator("code", { hasText: "whsec_" }).waitFor();
  check("another secret", (await dialog.locator("code").innerText()) !== secret);
  await dialog.getByRole("button", { name: "Done" }).click();
  await until("its health is told", async () => (await card.innerText()).includes("no attempts"));
  await accessible("endpoints", own);
  await picture(own, "endpoints");
  await own.getByRole("button", { name: "Test: Bills" }).click();
  await until("the test event was delivered", () => receiver.seen.length === 1);
  await own.locator(".pane h1", { hasText: "user.created" }).or(own.locator(".pane h1", { hasText: "order." })).waitFor();

  // Types: found, shown with a sample, sent.
  await own.keyboard.press("3");
  await own.getByLabel("Find a type").fill("order.created");
  await own.locator(".types button").first().click();
  const form = own.locator(".two form");
  await form.locator("textarea").fill('{"id":"order_42","total":12345678901234567890}');
  await form.getByRole("button", { name: "Send" }).click();
  await until("what was typed was delivered", () => receiver.seen.at(-1).body.includes("order_42"));
  await form.locator("textarea").fill("{nonsense");
  await form.getByRole("button", { name: "Send" }).click();
  await form.locator(".problem").waitFor();

  // Of two that are chosen the later is shown, though the former is answered last.
  await own.getByLabel("Find a type").fill("order.");
  let held = await hold(own, /\/types\/order\.created$/);
  for (const name of ["order.created", "order.cancelled"]) await own.locator(".types button", { hasText: name }).first().click();
  await own.getByLabel("Data of order.cancelled").waitFor();
  await held.letGo();
  same("it stays", await own.getByLabel("Data of order.cancelled").count(), 1);

  // Dead letters, one and all.
  receiver.status = 500;
  for (let i = 0; i < 3; i++) await relay.call("POST", "/api/v1/webhooks/test", { event_type: "order.created", data: { i } });
  await own.keyboard.press("5");
  const dead = own.locator("tbody tr");
  await until("three were given up", async () => (await dead.count()) === 3);
  await accessible("dead letters", own);
  receiver.status = 200;
  let count = receiver.seen.length;
  await dead.first().getByRole("button").click();
  await dialog.getByRole("button", { name: "Send again" }).click();
  await until("one came home", async () => (await dead.count()) === 2 && receiver.seen.length === count + 1);
  await own.getByRole("button", { name: "Send all again" }).click();
  await dialog.getByRole("button", { name: "Send again" }).click();
  await until("all came home", async () => (await dead.count()) === 0 && receiver.seen.length === count + 3);
  await own.locator(".empty", { hasText: "No dead letters" }).waitFor();

  // Somebody else's app.
  await post(`${relay.base}/in/other`, '{"type":"secret.plan"}');
  await own.keyboard.press("1");
  await own.locator(".ev", { hasText: "secret.plan" }).waitFor();
  await until("the apps can be chosen", async () => {
    await own.reload();
    await own.locator(".ev:not([hidden])").first().waitFor();
    return own.locator("#appbox").isVisible();
  });
  await own.getByLabel("App").selectOption("other");
  await until("one app alone", async () => (await own.locator(".ev:not([hidden])").count()) === 1);
  await own.locator("nav [data-page=endpoints]").click();
  await own.locator(".empty", { hasText: "No endpoint yet" }).waitFor();
  held = await hold(own, /admin\/webhooks\?.*limit=200/);
  await own.getByLabel("App").selectOption("default");
  await held.caught;
  const answered = own.waitForResponse(/admin\/webhooks\?app=other/);
  await own.getByLabel("App").selectOption("other");
  await answered;
  await held.letGo();
  same("the endpoints of the app that is chosen", await card.count(), 0);
  await own.locator("nav [data-page=events]").click();
  await clean("relay", own);

  // The portal: one app, and what its owner may do.
  const { value: link } = await relay.call("POST", "/api/v1/webhooks/portal", { app: "default" });
  const portal = await page(chromium);
  await portal.goto(link.url);
  await portal.locator(".ev:not([hidden])").first().waitFor();
  same("nothing of another app", await portal.getByText("secret.plan").count(), 0);
  check("it says whose it is", (await portal.locator("#whose").innerText()).includes("default"));
  await portal.locator(".ev:not([hidden])", { hasText: "order_42" }).or(portal.locator(".ev:not([hidden])")).first().click();
  await portal.locator(".pane .acts").waitFor();
  same("what may be done with an event", await portal.locator(".pane .acts button").evaluateAll((all) => all.map((button) => button.firstChild.textContent)), ["Replay", "Compare", "Copy\u2026"]);
  count = receiver.seen.length;
  await portal.keyboard.press("e");
  await portal.keyboard.press("s");
  same("no dialog to make requests with", await portal.locator("dialog[open]").count(), 0);
  await portal.keyboard.press("r");
  await until("the owner may have it again", () => receiver.seen.length === count + 1);
  await post(`${relay.base}/in/other`, '{"type":"secret.plan.two"}');
  await post(`${relay.base}/in/default`, '{"type":"order.live"}');
  await portal.locator(".ev", { hasText: "order.live" }).waitFor();
  same("nor is it told of another app", await portal.getByText("secret.plan").count(), 0);
  await portal.keyboard.press("2");
  await portal.getByRole("button", { name: "New endpoint" }).waitFor();
  await accessible("portal", portal);
  await picture(portal, "portal");
  await clean("portal", portal);

  // What the page does not offer, the relay refuses.
  const bearer = link.url.split("/portal/")[1];
  const events = await relay.call("GET", "/api/v1/webhooks/events?app=other", undefined, bearer);
  same("another app's events", events.status, 403);
  const { value: mine } = await relay.call("GET", "/api/v1/webhooks/events?limit=1", undefined, bearer);
  for (const [what, change] of [["another target", { to: receiver.url }], ["a signature", { resign: true }], ["another body", { body_b64: "e30=" }]]) {
    same(what, (await relay.call("POST", `/api/v1/webhooks/events/${mine.data[0].id}/replay`, change, bearer)).status, 403);
  }
  same("new events", (await relay.call("POST", "/api/v1/webhooks/test", {}, bearer)).status, 403);
  const { value: theirs } = await relay.call("GET", "/api/v1/webhooks/events?app=other&limit=1");
  for (const path of ["", "/attempts", "/verdict", "/raw"]) {
    same(`another app's event${path}`, (await relay.call("GET", `/api/v1/webhooks/events/${theirs.data[0].id}${path}`, undefined, bearer)).status, 404);
  }

  // A link that only lets look, made in both ways.
  const { value: looking } = await relay.call("POST", "/api/v1/webhooks/portal", { app: "default", read_only: true });
  const { value: svix } = await relay.call("POST", "/api/v1/auth/app-portal-access/default/", { readOnly: true });
  for (const one of [looking, svix]) {
    const reader = await page(chromium);
    await reader.goto(one.url);
    await reader.locator(".ev:not([hidden])").first().click();
    await reader.locator(".pane .acts").waitFor();
    check("it says so", (await reader.locator("#whose").innerText()).includes("read only"));
    same("nothing can be sent", await reader.locator(".pane .acts button").evaluateAll((all) => all.map((button) => button.firstChild.textContent)), ["Compare", "Copy\u2026"]);
    await reader.keyboard.press("2");
    await reader.locator(".ep").first().waitFor();
    same("nothing can be changed", await reader.locator(".page button").count(), 0);
    const token = one.url.split("/portal/")[1];
    same("nor by the API", (await relay.call("POST", "/api/v1/admin/webhooks", { url: receiver.url }, token)).status, 403);
    await clean("read only", reader);
    await reader.context().close();
  }

  // In a frame of the page that was allowed, and in no other; the inspector itself in none.
  frame = link.url;
  const holder = await page(chromium);
  await holder.goto(host);
  await holder.frameLocator("iframe").locator(".ev:not([hidden])").first().waitFor();
  const stranger = await foreign(() => `<iframe src="${frame}"></iframe>`);
  await holder.goto(stranger);
  await until("a stranger's frame stays empty", async () => holder.frames().length === 2 && (await holder.frames()[1].evaluate(() => document.querySelectorAll("#top").length).catch(() => 0)) === 0);
  frame = relay.base;
  await holder.goto(host);
  await until("so does the inspector's", async () => holder.frames().length === 2 && (await holder.frames()[1].evaluate(() => document.querySelectorAll("#top").length).catch(() => 0)) === 0);
  const wrong = await fetch(`${relay.base}/portal/nonsense`);
  same("a link that is none", wrong.status, 404);

  // The end of an endpoint.
  await own.keyboard.press("2");
  await own.getByLabel("App").selectOption("");
  await own.getByRole("button", { name: "Delete: Bills" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await own.locator(".empty", { hasText: "No endpoint yet" }).waitFor();
});
