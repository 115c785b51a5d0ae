// What the browser tests stand on: whk in a home of its own, apps to deliver to, a browser, and checks with names.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The packages are found from the working directory.
const require = createRequire(join(process.cwd(), "kit.js"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PATIENCE = 30_000;
const ends = [];
const pages = [];
let checks = 0;

export const PICTURES = process.env.WHK_PICTURES ?? join(tmpdir(), "whk-pictures");

// Runs a test to its end, stops what it started, and says how many checks there were.
export async function test(body) {
  let code = 0;
  try {
    await body();
    console.log(JSON.stringify({ type: "done", checks }));
  } catch (why) {
    console.error(why.stack ?? why);
    code = 1;
    for (const [i, own] of pages.entries()) {
      await picture(own, `failed-${i}`).catch(() => {});
      console.error(own.url(), JSON.stringify(own.wrong));
    }
  }
  for (const end of ends.reverse()) await Promise.resolve(end()).catch(() => {});
  process.exit(code);
}

export function check(name, holds, ...seen) {
  checks++;
  if (!holds) throw new Error(`${name}${seen.length ? `: ${seen.map((one) => JSON.stringify(one)).join(", ")}` : ""}`);
}

export function same(name, found, wanted) {
  check(name, JSON.stringify(found) === JSON.stringify(wanted), found, wanted);
}

// Waits until `look` finds something.
export async function until(name, look, patience = PATIENCE) {
  for (const end = Date.now() + patience; ; ) {
    const found = await look();
    if (found) {
      checks++;
      return found;
    }
    if (Date.now() > end) throw new Error(`it never was so: ${name}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

// An app that keeps what it gets; `answer` may be changed at any time.
export async function app(status = 200) {
  const own = { seen: [], status, body: "ok" };
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      own.seen.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(own.status, { "content-type": "text/html" }).end(own.body);
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  ends.push(() => server.close(server.closeAllConnections()));
  own.port = server.address().port;
  own.url = `http://127.0.0.1:${own.port}`;
  return own;
}

// Pages of another origin; `html` is asked each time.
export async function foreign(html) {
  const server = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html()));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  ends.push(() => server.close(server.closeAllConnections()));
  return `http://localhost:${server.address().port}`;
}

// whk with these words, once it is ready.
export async function whk(words) {
  const folder = process.env.WHK_FOLDER ?? mkdtempSync(join(tmpdir(), "whk-browser-"));
  if (!process.env.WHK_FOLDER) ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const env = { WHK_HOME: folder, HOME: folder, PATH: "/usr/bin:/bin" };
  const child = spawn(process.env.WHK_BIN, [...words, "--port", "0", "--output", "json"], { env, cwd: folder });
  let [out, err] = ["", ""];
  child.stdout.on("data", (bytes) => (out += bytes));
  child.stderr.on("data", (bytes) => (err += bytes));
  const ended = new Promise((done) => child.on("exit", done));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  ends.push(stop);
  const line = await until(`whk ${words.join(" ")} is ready`, () => {
    if (child.exitCode !== null) throw new Error(`whk ended: ${err}`);
    return out.split("\n").find((line) => line.includes('"ready"'));
  });
  const ready = JSON.parse(line);
  const base = new URL(ready.url).origin;
  const token = readFileSync(join(folder, "token"), "utf8").trim();
  const call = async (method, path, body, bearer = token) => {
    const answer = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, value: text ? JSON.parse(text) : null };
  };
  const run = (words) => new Promise((done) => {
    const child = spawn(process.env.WHK_BIN, words, { env, cwd: folder });
    child.on("exit", (code) => done(code));
  });
  return { base, folder, token, link: ready.inspector, inbox: ready.url, call, run, stop };
}

export async function post(url, body, headers = {}) {
  const answer = await fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  return answer.text();
}

export async function browser(...more) {
  const own = await chromium.launch({
    executablePath: process.env.WHK_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...more],
  });
  ends.push(() => own.close());
  return own;
}

// A page that keeps what goes wrong in it: errors, violations of its policy, requests to others.
export async function page(from, options = {}) {
  const context = await from.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const own = await context.newPage();
  own.setDefaultTimeout(PATIENCE);
  own.wrong = [];
  pages.push(own);
  own.on("pageerror", (why) => own.wrong.push(`error: ${why.message}`));
  own.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) own.wrong.push(`console: ${message.text()}`);
  });
  own.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && !["127.0.0.1", "localhost"].includes(url.hostname)) own.wrong.push(`request: ${url}`);
  });
  await context.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  // The page's files come from the working copy while they are written.
  const files = process.env.WHK_INSPECTOR_FILES;
  if (files) {
    await own.route(/\/inspector\/[\w.]+$/, (route) => {
      const name = route.request().url().split("/").pop();
      const type = name.endsWith(".js") ? "text/javascript" : name.endsWith(".css") ? "text/css" : "image/svg+xml";
      return route.fulfill({ body: readFileSync(join(files, name)), contentType: type });
    });
  }
  return own;
}

// Waits for something that may never come: what a page asks for in one case need not be asked for in another.
const perhaps = (what) => Promise.race([what, new Promise((done) => setTimeout(done, 10_000))]);

// Holds the first answer to what matches: `caught` once it is there; `letGo` waits until the page has taken it in.
export async function hold(own, pattern) {
  let [first, open, catches, takes] = [true];
  const opened = new Promise((done) => (open = done));
  const caught = new Promise((done) => (catches = done));
  const taken = new Promise((done) => (takes = done));
  await own.route(pattern, async (route) => {
    if (!first) return route.continue();
    first = false;
    const response = await route.fetch();
    catches();
    await opened;
    await route.fulfill({ response });
    takes();
  });
  const letGo = async () => {
    open();
    await perhaps(taken);
    await own.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
    await own.unroute(pattern);
  };
  return { caught: perhaps(caught), letGo };
}

// Nothing went wrong in the page so far.
export async function clean(name, own) {
  same(`${name}: no error and no foreign request`, own.wrong, []);
  same(`${name}: no violation of the policy`, await own.evaluate(() => globalThis.violations), []);
}

// What axe finds that is serious.
export async function accessible(name, own) {
  // The policy of the page holds for what a test puts into it, so axe comes in from outside of the page's world.
  const session = await own.context().newCDPSession(own);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { contextId, expression: AXE });
  const { result } = await session.send("Runtime.evaluate", {
    contextId, awaitPromise: true, returnByValue: true,
    expression: `axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
      .filter((one) => ["serious", "critical"].includes(one.impact))
      .map((one) => one.id + ": " + one.nodes.map((node) => node.html.slice(0, 120) + " " + (node.any[0]?.message ?? "")).slice(0, 4).join(" | ")))`,
  });
  await session.detach();
  same(`${name}: nothing serious for those who use it otherwise`, result.value, []);
}

export async function picture(own, name) {
  mkdirSync(PICTURES, { recursive: true });
  await own.screenshot({ path: join(PICTURES, `${name}.png`) });
}
