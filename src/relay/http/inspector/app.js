// The page: who looks, which part is shown, and the keys.

import { arrive, forget, keep, live, read } from "./api.js";
import { Catalogue } from "./catalogue.js";
import { Charts } from "./charts.js";
import { Dead } from "./dead.js";
import { badge, dialog, field, h, problem, say, visible } from "./dom.js";
import { Endpoints } from "./endpoints.js";
import { Events, first } from "./events.js";

const PAGES = [["events", "Events", Events], ["endpoints", "Endpoints", Endpoints], ["types", "Types", Catalogue], ["charts", "Charts", Charts], ["dead", "Dead letters", Dead]];
const KEYS = [
  ["j / k", "next, previous event"], ["Enter", "open it"], ["r", "replay it as it was"], ["s", "sign it again and send it"],
  ["e", "edit and replay"], ["c", "copy as curl, HTTP, JSON or a whk command; save as HAR"], ["d", "compare with another"],
  ["/", "search"], ["Esc", "back to the list"], ["1 \u2026 5", "events, endpoints, types, charts, dead letters"], ["t", "light or dark"], ["?", "these keys"],
];
const RANK = { read: 0, portal: 1, operator: 2 };
const $ = (id) => document.getElementById(id);

// The apps that can be chosen.
const met = new Set();

const home = {
  access: null, first: null, app: "", pages: {}, page: null,
  // An app that can be chosen from now on.
  meet: (name) => {
    if (home.access.app || met.has(name) || met.size >= 500) return;
    met.add(name);
    $("app").append(h("option", { value: name }, visible(name)));
    $("appbox").hidden = met.size < 2;
  },
  // Whether whoever looks may do what this right allows.
  may: (rights) => (RANK[home.access.rights] ?? -1) >= RANK[rights],
};

// What the browser keeps for next time; in a frame of another origin it may keep nothing.
function recall(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    return value ?? document.documentElement.dataset.theme;
  }
}

function theme(next) {
  const chosen = recall("whk-theme", next);
  if (chosen) document.documentElement.dataset.theme = chosen;
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  $("theme").textContent = dark ? "\u2600" : "\u263e";
  return dark;
}

function door(why) {
  const text = h("input", { type: "password", name: "token", autocomplete: "off", autofocus: true });
  $("main").replaceChildren(h("div.empty", null, h("h1", null, "A token opens this page"),
    h("p", null, "Follow the link that ", h("code", null, "whk listen"), " prints, or paste the token of this machine's state folder."),
    h("form", { on: { submit: (event) => { event.preventDefault(); keep(text.value); start(); } } }, field("Token", text), h("button.main", { type: "submit" }, "Open"), why ? problem(why) : null)));
  text.focus();
}

async function start() {
  // Nobody waits for an answer that the other one does not need.
  home.first = first();
  home.first.catch(() => {});
  try {
    home.access = await read("access");
  } catch (why) {
    forget();
    door(why);
    return;
  }
  document.title = home.access.app ? `whk \u00b7 ${home.access.app}` : "whk";
  $("whose").replaceChildren(home.access.app ? visible(home.access.app) : "", " ", home.may("portal") ? "" : badge("read only", ""));
  $("nav").replaceChildren(...PAGES.map(([name, word], i) => h("a", { href: `#/${name}`, "data-page": name, title: `${word} (${i + 1})` }, word)));
  addEventListener("hashchange", route);
  route();
  watch();
  if (!home.access.app) apps();
}

async function apps() {
  $("app").replaceChildren(h("option", { value: "" }, "all apps"));
  try {
    const { data } = await read("/api/v1/app/?limit=250");
    for (const app of data) home.meet(app.uid ?? app.name);
  } catch {
    // Those that events come from are met with these.
  }
}


let watching;
function watch() {
  watching?.abort();
  watching = new AbortController();
  let broken = false;
  live(home.app, (kind, row) => {
    if (kind === "row") {
      home.pages.events?.row(row);
      home.pages.dead?.row(row);
    } else if (kind === "many") {
      home.pages.events?.renew();
    } else {
      $("live").dataset.is = kind === "on" ? "on" : "off";
      $("live").textContent = { on: "live", off: "reconnecting", denied: "the token has ended" }[kind];
      // What came meanwhile is looked up.
      if (kind === "on" && broken) home.pages.events?.renew();
      broken ||= kind !== "on";
    }
  }, watching.signal);
}

function route() {
  const [, name, id] = location.hash.match(/^#\/(\w+)(?:\/(\w+))?/) ?? [];
  const known = PAGES.find(([own]) => own === name) ?? PAGES[0];
  const page = (home.pages[known[0]] ??= new known[2](home));
  for (const link of $("nav").children) {
    if (link.dataset.page === known[0]) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (home.page !== page) {
    home.page?.leave?.();
    home.page = page;
    $("main").replaceChildren(page.element);
  }
  page.enter(id);
}

function keys() {
  dialog("Keys", () => h("dl.keys", null, KEYS.map(([key, word]) => [h("dt", null, h("kbd", null, key)), h("dd", null, word)])));
}

function pressed(event) {
  if (!home.access || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, textarea, select")) return;
  // What has a meaning for the element that has the focus keeps it.
  if (event.key === "Enter" && event.target.closest("button, a, summary, [role=listbox]")) return;
  const { key } = event;
  if (key === "?") keys();
  else if (key === "t") theme(theme() ? "light" : "dark");
  else if (/^[1-5]$/.test(key)) location.hash = `#/${PAGES[key - 1][0]}`;
  else if (!home.page?.key?.(key)) return;
  event.preventDefault();
}

$("theme").addEventListener("click", () => theme(theme() ? "light" : "dark"));
$("help").addEventListener("click", keys);
$("app").addEventListener("change", () => {
  home.app = $("app").value;
  home.pages.events?.load();
  home.page.enter?.();
  watch();
  say(home.app ? `Only ${home.app}` : "All apps");
});
addEventListener("keydown", pressed);
theme();
if (arrive()) start();
else door();
