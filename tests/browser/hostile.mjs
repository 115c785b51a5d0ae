// What attackers send is shown and does nothing; what their pages ask for is refused.

import { request as ask } from "node:http";
import { app, browser, check, clean, foreign, page, picture, post, same, test, until, whk } from "./kit.mjs";

const CANARY = "globalThis.canary=1";
const MARKUP = [
  `<script>${CANARY}</script>`, `<img src=x onerror="${CANARY}">`, `"><svg onload=${CANARY}>`, `<iframe srcdoc="<script>parent.${CANARY}</script>">`,
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${CANARY}>`, `<a href="javascript:${CANARY}">x</a>`,
  `<link rel=stylesheet href=http://evil.test/x.css>`, `<meta http-equiv=refresh content="0;url=http://evil.test/">`, `<base href=http://evil.test/>`,
  `<style>*{background:url(http://evil.test/x)}</style>`, `<object data="data:text/html,<script>${CANARY}</script>"></object>`,
  `<form action=http://evil.test><button autofocus onfocus=${CANARY}>`, `\${${CANARY}}`, `{{constructor.constructor('${CANARY}')()}}`, `__proto__`, `constructor`,
];
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${CANARY}"><script>${CANARY}</script><image href="http://evil.test/x.png"/></svg>`;

// Every byte as it is, which `fetch` would not send.
function raw(base, path, method, headers, body) {
  const { hostname, port } = new URL(base);
  return new Promise((done, fail) => {
    const sent = ask({ hostname, port, path, method, headers, setDefaultHeaders: false }, (answer) => answer.resume().on("end", done));
    sent.on("error", fail);
    sent.end(body);
  });
}

test(async () => {
  const receiver = await app(500);
  receiver.body = MARKUP.join("\n");
  const relay = await whk(["listen", "--forward", receiver.url]);
  const { base } = relay;
  const host = ["Host", new URL(base).host];

  for (const [i, text] of MARKUP.entries()) {
    const type = { type: text, [text]: text, data: { [text]: [text] } };
    await post(`${base}/in/default/${encodeURIComponent(text)}?q=${encodeURIComponent(text)}`, JSON.stringify(type));
    await raw(base, `/in/default/${i}`, "POST", [...host, "X-Text", text.replaceAll("\n", " "), "webhook-id", text, "webhook-timestamp", text, "webhook-signature", `v1,${text}`], text);
  }
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  const bodies = [
    ["image/svg+xml", SVG], ["text/html", `<!doctype html><script>${CANARY}</script>`], ["application/json", deep], ["application/json", `{"a":${"[".repeat(1500)}${"]".repeat(1500)}}`],
    ["application/json", `{"type":"a.${"x".repeat(5000)}"}`], ["application/json", `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":${i}`).join(",")}}`],
    ["application/octet-stream", Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256))], ["text/plain", "\u0000\u0007\u001b[31m\u001b]8;;http://evil.test\u0007\u202etxt.exe\u2066\ufeff"],
    ["application/json", "x".repeat(5 << 20)], ["image/png", Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.from(SVG)])], ["application/json", '{"n":1,"n":2,"big":123456789012345678901234567890,"e":1.0e400}'],
  ];
  for (const [type, body] of bodies) await post(`${base}/in/default`, body, { "content-type": type });
  await relay.call("POST", "/api/v1/admin/webhooks", { url: `${receiver.url}/hook`, name: MARKUP[1], events: ["never"] });
  await relay.call("POST", "/api/webhooks/sync", { event_types: [{ name: "evil.type", description: MARKUP[0] }] });

  const chromium = await browser();
  const own = await page(chromium);
  await own.goto(relay.link);
  const all = MARKUP.length * 2 + bodies.length;
  const { value: page1 } = await relay.call("GET", "/api/v1/webhooks/events?view=rows&limit=200");
  same("everything was kept", page1.data.length, all);
  // Every event, every way to look at its body, and what was answered.
  for (const { id } of page1.data) {
    await own.evaluate((id) => (location.hash = `#/events/${id}`), id);
    await own.locator(".pane .about code", { hasText: id }).waitFor();
    for (const button of await own.locator("[aria-label='Form of the body'] button[aria-pressed]").all()) await button.click();
    await own.locator(".pane .steps summary").first().evaluate((one) => one.click());
    await own.locator(".pane .card").waitFor();
  }
  await own.keyboard.press("d");
  await own.evaluate((id) => (location.hash = `#/events/${id}`), page1.data[0].id);
  await own.locator(".pane .about code", { hasText: page1.data[0].id }).waitFor();
  await own.keyboard.press("d");
  await own.locator("dialog .diff").first().waitFor();
  await own.keyboard.press("Escape");
  for (const key of ["2", "3", "4", "5", "1"]) {
    await own.keyboard.press(key);
    await own.locator("nav [aria-current]").waitFor();
  }
  const last = page1.data[0].id;
  await own.evaluate((id) => (location.hash = `#/events/${id}`), last);
  await own.locator(".tree").waitFor();
  const tree = await own.locator(".tree").innerText();
  check("numbers and repeats stay as they are written", tree.includes("123456789012345678901234567890") && tree.includes("1.0e400") && tree.split('"n"').length === 3, tree);
  same("nothing ran", await own.evaluate(() => globalThis.canary ?? null), null);
  await clean("hostile", own);
  await picture(own, "hostile");

  // A page of somebody else: it reads nothing and changes nothing.
  const before = (await relay.call("GET", "/api/v1/webhooks/events?view=rows&limit=200")).value.data.length;
  const paths = ["/", "/api/v1/webhooks/events", "/api/v1/webhooks/events/live", "/api/v1/webhooks/redrive", `/api/v1/webhooks/events/${last}/replay`, "/inspector/app.js"];
  const html = `<script>addEventListener("load", async () => {
    const said = [];
    for (const path of ${JSON.stringify(paths)}) for (const [name, options] of [["simple", {method: "POST", mode: "no-cors", body: "{}"}], ["json", {method: "POST", headers: {"content-type": "application/json"}, body: "{}"}], ["read", {}], ["delete", {method: "DELETE"}]]) {
      try { const answer = await fetch("${base}" + path, options); said.push(name + " " + path + " " + answer.type + " " + (await answer.text()).length); } catch { said.push(name + " " + path + " blocked"); }
    }
    document.title = "done"; globalThis.said = said;
  });</script>`;
  const stranger = await page(chromium);
  await stranger.goto(await foreign(() => html));
  await stranger.waitForFunction(() => document.title === "done");
  const read = (await stranger.evaluate(() => globalThis.said)).filter((line) => !/blocked$|opaque 0$/.test(line));
  same("a foreign page read nothing", read, []);
  same("and changed nothing", (await relay.call("GET", "/api/v1/webhooks/events?view=rows&limit=200")).value.data.length, before);

  // A name that was made to lead here.
  for (const path of ["/", "/inspector/app.js", "/portal/x", "/api/v1/webhooks/access"]) {
    const status = await new Promise((done) => {
      const { hostname, port } = new URL(base);
      ask({ hostname, port, path, headers: { host: "evil.test" } }, (answer) => done(answer.resume().statusCode)).end();
    });
    same(`another name for ${path}`, status, 421);
  }

  // Every answer carries what keeps a browser from making more of it than it is.
  for (const path of ["/", "/inspector/app.js", "/inspector/..%2fmod.rs", "/inspector/", "/portal/nothing", "/healthz", "/nowhere", "/api/v1/webhooks/events", `/api/v1/webhooks/events/${last}/raw`, `/api/v1/webhooks/events/${last}/raw?as=har`]) {
    const answer = await fetch(base + path, { headers: path.startsWith("/api") ? { authorization: `Bearer ${relay.token}` } : {} });
    const found = (name) => answer.headers.get(name);
    check(`the headers of ${path}`, found("x-frame-options") === "DENY" && found("x-content-type-options") === "nosniff" && found("referrer-policy") === "no-referrer" && found("cache-control") === "no-store" && found("cross-origin-resource-policy") === "same-origin", [...answer.headers]);
    if (path.includes("/raw")) check("never a page", found("content-type") === "application/octet-stream" && found("content-disposition").startsWith("attachment") && found("content-security-policy").startsWith("sandbox"));
  }
  const tag = (await fetch(`${base}/inspector/app.js`)).headers.get("etag");
  same("what the browser has is not sent again", (await fetch(`${base}/inspector/app.js`, { headers: { "if-none-match": tag } })).status, 304);
});
