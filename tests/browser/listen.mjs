// A developer at `whk listen`: events arrive, are searched, explained, replayed, changed, compared.

import { accessible, app, browser, check, clean, hold, page, picture, post, same, test, until, whk } from "./kit.mjs";

test(async () => {
  const receiver = await app();
  const relay = await whk(["listen", "--forward", receiver.url]);
  const chromium = await browser();
  const own = await page(chromium);
  await own.goto(relay.link);

  const rows = own.locator(".ev:not([hidden])");
  const row = (text) => own.locator(".ev:not([hidden])", { hasText: text });
  const pane = own.locator(".pane");

  // The link's token is taken out of it, and is in no cookie.
  await own.locator("#live[data-is=on]").waitFor();
  check("the token is out of the address", !own.url().includes("whk_"), own.url());
  same("no cookie", await own.context().cookies(), []);
  check("it says what it waits for", (await own.locator(".empty").innerText()).includes("whk send order.created"));

  // Arrival without a reload, signed rightly, with the app's answer.
  await relay.run(["send", "order.created"]);
  await row("order.created").waitFor();
  const first = await until("the row tells of the delivery", async () => {
    const text = await row("order.created").innerText();
    return text.includes("valid") && text.includes("delivered 200") && text.includes("ms") && text;
  });
  check("the row names the provider", first.includes("standard-webhooks"), first);

  // A wrong signature is explained.
  await relay.run(["send", "invoice.created", "--forge", "tampered"]);
  await relay.run(["send", "user.created", "--forge", "stale"]);
  await row("user.created").click();
  await pane.locator(".card.bad").waitFor();
  const verdict = await pane.locator(".card.bad").innerText();
  check("reason and hint", verdict.includes("timestamp_too_old") && verdict.includes("clock_or_replay"), verdict);
  check("the word says it too", (await row("user.created").innerText()).includes("invalid"));
  await accessible("event", own);

  const { headers, body } = receiver.seen[0];
  const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("webhook-")));
  await post(relay.inbox, `${body}\n`, signed);
  await until("the mistake is named", async () => {
    await own.locator(".ev:not([hidden])").first().click();
    return (await pane.innerText()).includes("trailing_newline");
  });

  // Search and filters are the server's.
  await own.keyboard.press("/");
  await own.keyboard.type("type:invoice.*");
  await until("only what was searched for", async () => (await rows.count()) === 1 && (await row("invoice.created").count()) === 1);
  await own.locator("[aria-label='Search events']").fill("no such text anywhere");
  await own.locator(".empty h2", { hasText: "Nothing matches" }).waitFor();
  await own.locator("[aria-label='Search events']").fill("where:nonsense");
  await own.locator(".empty h2", { hasText: "refused" }).waitFor();
  await own.keyboard.press("Escape");
  await own.getByLabel("Status").selectOption("invalid");
  await until("only the invalid", async () => (await rows.count()) === 3);
  await own.getByLabel("Status").selectOption("");
  await until("all again", async () => (await rows.count()) === 4);

  // By keys alone: choose, replay, sign again. Keys come faster than the relay answers.
  await own.route(/\/events\/msg_\w+$/, async (route) => {
    await new Promise((done) => setTimeout(done, 300));
    await route.continue();
  });
  await own.locator(".list").focus();
  await own.keyboard.press("Home");
  for (let i = 0; i < 3; i++) await own.keyboard.press("j");
  let count = receiver.seen.length;
  await own.keyboard.press("r");
  await until("it was replayed", () => receiver.seen.length === count + 1);
  await own.unroute(/\/events\/msg_\w+$/);
  const [original, again] = [receiver.seen[0], receiver.seen.at(-1)];
  same("the same bytes", again.body.toString(), original.body.toString());
  same("the same signature", again.headers["webhook-signature"], original.headers["webhook-signature"]);
  await until("its attempts are told without a reload", async () => (await pane.locator(".steps li").count()) === 2);
  // An answer that is late does not take away what a later one told.
  let held = await hold(own, /\/attempts\?/);
  await own.keyboard.press("r");
  await held.caught;
  await own.keyboard.press("r");
  await until("the later answer is shown", async () => (await pane.locator(".steps li").count()) === 4);
  await held.letGo();
  same("and stays", await pane.locator(".steps li").count(), 4);
  count = receiver.seen.length;
  await new Promise((done) => setTimeout(done, 1100 - (Date.now() % 1000)));
  await own.keyboard.press("s");
  await until("it was signed again", () => receiver.seen.length === count + 1);
  check("with a fresh signature", receiver.seen.at(-1).headers["webhook-signature"] !== original.headers["webhook-signature"]);
  same("and the same id", receiver.seen.at(-1).headers["webhook-id"], original.headers["webhook-id"]);

  // Edited, re-signed, to another target.
  const other = await app(418);
  await own.keyboard.press("e");
  const dialog = own.locator("dialog[open]");
  await accessible("editor", own);
  await dialog.locator("[name=to]").fill(`${other.url}/else`);
  await dialog.locator("[name=body]").fill('{"type":"order.created","edited":true}');
  await dialog.getByRole("button", { name: "Send" }).click();
  await dialog.locator(".badge", { hasText: "418" }).waitFor();
  same("the edited body went there", other.seen[0]?.body.toString(), '{"type":"order.created","edited":true}');
  await own.keyboard.press("Escape");
  // What was edited is signed rightly: the relay itself says so when it comes in again.
  await own.keyboard.press("e");
  await dialog.locator("[name=to]").fill(relay.inbox);
  await dialog.locator("[name=body]").fill('{"type":"order.edited"}');
  await own.keyboard.press("Control+Enter");
  await dialog.locator(".badge", { hasText: "200" }).waitFor();
  await own.keyboard.press("Escape");
  await until("and its signature is valid", async () => (await row("order.edited").innerText().catch(() => "")).includes("valid"));

  // Two compared.
  await own.keyboard.press("d");
  await row("order.edited").click();
  await pane.locator("h1", { hasText: "order.edited" }).waitFor();
  await own.keyboard.press("d");
  await dialog.locator(".diff").first().waitFor();
  check("both sides are shown", (await dialog.locator(".add").count()) > 0 && (await dialog.locator(".cut").count()) > 0);
  await accessible("comparison", own);
  await own.keyboard.press("Escape");

  // While two are fetched to be compared something else is opened: that stays.
  await own.keyboard.press("d");
  await row("order.created").first().click();
  await pane.locator("h1", { hasText: "order.created" }).waitFor();
  held = await hold(own, /\/events\/msg_\w+$/);
  await own.keyboard.press("d");
  await held.caught;
  await own.keyboard.press("?");
  await dialog.locator(".keys").waitFor();
  await held.letGo();
  same("no second dialog", await dialog.count(), 1);
  await own.keyboard.press("Escape");

  // Copied.
  await own.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  for (const [name, wanted] of [["curl command", "curl \\\n  -X 'POST'"], ["HTTP message", "POST /in/default"], ["JSON line", '{"type":"event"'], ["whk command", "whk replay msg_"]]) {
    await own.keyboard.press("c");
    await dialog.getByRole("button", { name: `Copy: ${name}` }).click();
    await dialog.waitFor({ state: "detached" });
    const text = await own.evaluate(() => navigator.clipboard.readText());
    check(`copied as ${name}`, text.startsWith(wanted), text.slice(0, 80));
  }
  await own.keyboard.press("c");
  const [saved] = await Promise.all([own.waitForEvent("download"), dialog.getByRole("button", { name: "HAR" }).click()]);
  check("saved as HAR", saved.suggestedFilename().endsWith(".har"));

  // The other pages, the keys, the colours.
  await own.keyboard.press("?");
  await dialog.locator(".keys").waitFor();
  await own.keyboard.press("Escape");
  await own.keyboard.press("4");
  await own.locator("svg.chart rect.ok").first().waitFor({ state: "attached" });
  check("the charts count", /[1-9]\d* attempts were delivered/.test(await own.locator(".page").innerText()));
  await accessible("charts", own);
  await picture(own, "charts");
  await own.keyboard.press("3");
  await own.getByLabel("Find a type").fill("order.cancelled");
  await own.locator(".types button").first().click();
  const form = own.locator(".two form");
  await form.locator("textarea").waitFor();
  await accessible("types", own);
  await form.getByRole("button", { name: "Send" }).click();
  await form.locator("a").click();
  await until("what was sent came in, signed", async () => (await pane.locator(".card.good").count()) === 1);
  await own.keyboard.press("t");
  const dark = () => own.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  same("dark", await dark(), "rgb(16, 17, 20)");
  await accessible("dark", own);
  await picture(own, "dark");
  await own.reload();
  await own.locator(".ev").first().waitFor();
  same("it is dark after a reload, and the token is there", await dark(), "rgb(16, 17, 20)");
  await own.keyboard.press("t");
  await own.locator(".ev:not([hidden])", { hasText: "user.created" }).click();
  await pane.locator(".hints").waitFor();
  await picture(own, "light");

  // As narrow as a telephone.
  await own.setViewportSize({ width: 360, height: 640 });
  await pane.locator(".back").click();
  await rows.first().waitFor();
  const wide = () => own.evaluate(() => document.documentElement.scrollWidth);
  check("the list fits", (await wide()) <= 360, await wide());
  await accessible("narrow list", own);
  await picture(own, "narrow-list");
  await row("order.created").first().click();
  await pane.locator(".tree").waitFor();
  check("the event fits", (await wide()) <= 360, await wide());
  await accessible("narrow event", own);
  await picture(own, "narrow-event");

  // For the README: a morning's work, in the light and in the dark.
  await own.setViewportSize({ width: 1120, height: 600 });
  await own.locator(".pane .title button[aria-label=Close]").click();
  for (const [type, status] of [["user.created", 200], ["order.created", 201], ["invoice.created", 200], ["payment.succeeded", 200], ["order.fulfilled", 500], ["document.updated", 204], ["inventory.low_stock", 200], ["subscription.updated", 422], ["order.created", 201], ["api_key.rotated", 200]]) {
    receiver.status = status;
    await relay.call("POST", "/api/v1/webhooks/test", { event_type: type });
  }
  receiver.status = 401;
  await relay.call("POST", "/api/v1/webhooks/test", { event_type: "payment.failed" });
  const failed = await until("the last one came", () => receiver.seen.find((one) => one.body.includes("payment.failed")));
  await post(relay.inbox, `${failed.body}\n`, Object.fromEntries(Object.entries(failed.headers).filter(([name]) => name.startsWith("webhook-"))));
  await until("both are there", async () => (await row("payment.failed").count()) === 2);
  await own.keyboard.press("t");
  await own.keyboard.press("?");
  await own.keyboard.press("Escape");
  await until("nothing is said any more", async () => (await own.locator("#say.on").count()) === 0);
  await picture(own, "inspector-dark");
  await own.keyboard.press("t");
  await row("payment.failed").first().click();
  await pane.locator(".card.bad").waitFor();
  await pane.locator(".steps li").waitFor();
  await picture(own, "inspector-light");
  await clean("listen", own);

  // A relay that goes away and comes back is noticed.
  await relay.stop();
  await own.locator("#live[data-is=off]").waitFor();
});
