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

  // A page of somebody else: it reads nothing and changes nothing, whatever a browser can be made to send.
  const state = async () => {
    const asked = ["/api/v1/webhooks/events?view=rows&limit=200", "/api/v1/admin/webhooks", "/api/v1/event-type?limit=250", "/api/v1/app?limit=250"];
    return JSON.stringify(await Promise.all(asked.map(async (path) => (await relay.call("GET", path)).value)));
  };
  const before = await state();
  const replay = `/api/v1/webhooks/events/${last}/replay`;
  const paths = ["/", "/api/v1/webhooks/events", "/api/v1/webhooks/events/live", "/api/v1/webhooks/redrive", "/api/v1/webhooks/test", replay, "/api/v1/admin/webhooks", "/inspector/app.js", "/portal/x", "/metrics"];
  const sockets = ["/api/v1/tunnel", "/api/v1/tunnel?app=default", "/api/v1/webhooks/events/live", "/"];
  const html = `<body><script>addEventListener("load", async () => {
    const said = [];
    const url = "${base}";
    for (const path of ${JSON.stringify(paths)}) for (const [name, options] of [["simple", {method: "POST", mode: "no-cors", body: "{}"}], ["json", {method: "POST", headers: {"content-type": "application/json"}, body: "{}"}], ["with credentials", {credentials: "include"}], ["read", {}], ["delete", {method: "DELETE"}], ["patch", {method: "PATCH", body: "{}"}]]) {
      try { const answer = await fetch(url + path, options); said.push(name + " " + path + " " + answer.type + " " + (await answer.text()).length); } catch { said.push(name + " " + path + " blocked"); }
    }
    for (const path of ${JSON.stringify(sockets)}) for (const kind of [WebSocket, EventSource]) {
      said.push(kind.name + " " + path + " " + await new Promise((done) => {
        const line = new kind((kind === WebSocket ? url.replace("http", "ws") : url) + path);
        line.onopen = () => done("OPEN");
        line.onmessage = () => done("READ");
        line.onerror = () => done("blocked");
      }));
    }
    let number = 0;
    for (const path of ${JSON.stringify(paths)}) for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const name = "form" + number++;
      const frame = Object.assign(document.createElement("iframe"), {name});
      const form = Object.assign(document.createElement("form"), {method: "post", action: url + path, enctype, target: name});
      form.append(Object.assign(document.createElement("input"), {name: '{"url":"http://127.0.0.1:9/', value: '"}'}));
      document.body.append(frame, form);
      await new Promise((done) => { frame.onload = done; form.submit(); });
      let seen = "blocked";
      try { seen = frame.contentDocument.body.innerText ? "READ" : "blocked"; } catch {}
      said.push("form " + path + " " + seen);
    }
    document.title = "done"; globalThis.said = said;
  });</script></body>`;
  const stranger = await page(chromium);
  await stranger.goto(await foreign(() => html));
  await stranger.waitForFunction(() => document.title === "done");
  const said = await stranger.evaluate(() => globalThis.said);
  same("everything was tried", said.length, paths.length * 9 + sockets.length * 2);
  same("a foreign page read nothing", said.filter((line) => !/blocked$|opaque 0$/.test(line)), []);
  same("and changed nothing", await state(), before);
  // What Svix opens to pages of any origin is open here too, to whoever has a token.
  for (const path of ["/api/v1/app/", "/api/v1/event-type/"]) same(`${path} without one`, (await relay.call("POST", path, { name: "x" }, "")).status, 401);

  // A name that was made to lead here, in a browser that believes it, by somebody who even knows the token.
  const fooled = await page(await browser("--host-resolver-rules=MAP evil.test 127.0.0.1"));
  const evil = base.replace("127.0.0.1", "evil.test");
  same("the page", (await fooled.goto(evil)).status(), 421);
  const got = await fooled.evaluate(async ([paths, token]) => {
    const all = [];
    for (const path of paths) for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await fetch(path, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: method === "POST" ? "{}" : undefined });
      all.push(`${answer.status} ${(await answer.json()).code}`);
    }
    all.push(await new Promise((done) => {
      const line = new WebSocket(`ws://${location.host}/api/v1/tunnel`);
      line.onopen = () => done("OPEN");
      line.onerror = () => done("421 misdirected_request");
    }));
    return [...new Set(all)];
  }, [paths, relay.token]);
  same("nothing but a refusal", got, ["421 misdirected_request"]);
  same("nothing was changed under that name", await state(), before);
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
