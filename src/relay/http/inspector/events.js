// The page of events: filters, the list, what is chosen, and what comes in meanwhile.

import { query, read } from "./api.js";
import { Detail } from "./detail.js";
import { compare } from "./diff.js";
import { KINDS, badge, h, say, span, time, visible } from "./dom.js";
import { List } from "./list.js";

const PAGE = 100;
// The first look is for what fits on a screen, so that it is there at once.
const FIRST = 60;
export const first = () => read(`events${query({ view: "rows", limit: FIRST })}`);
const WORDS = ["type", "app", "status", "since", "until", "where"];

export class Events {
  constructor(home) {
    this.home = home;
    this.cursor = null;
    this.unseen = 0;
    this.list = new List("Events", {
      make, fill: (element, row) => this.fill(element, row),
      pick: (row) => this.pick(row), open: (row) => this.show(row.id), more: () => this.more(),
    });
    this.search = h("input", {
      type: "search", placeholder: "Search text, type:order.*, where:data.id=1", "aria-label": "Search events",
      spellcheck: false, on: { input: () => this.later(), keydown: (event) => this.searching(event) },
    });
    this.status = choice("Status", [["", "any status"], ["pending", "pending"], ["delivered", "delivered"], ["dead", "dead"], ["invalid", "invalid signature"]]);
    this.since = choice("Since", [["", "any time"], ["10m", "last 10 minutes"], ["1h", "last hour"], ["24h", "last day"], ["7d", "last week"]]);
    for (const one of [this.status, this.since]) one.addEventListener("change", () => this.load());
    this.heads = h("div.heads", { "aria-hidden": "true" },
      ["Time", "Type", "App", "Provider", "Signature", "Delivery", "Latency"].map((word) => h("span", null, word)));
    this.list.heads = this.heads;
    this.pill = h("button.pill", { type: "button", hidden: true, on: { click: () => this.top() } });
    this.note = h("div.empty", { hidden: true });
    this.pane = h("div.pane", { role: "region", "aria-label": "Event", hidden: true });
    this.element = h("div.events", null,
      h("div.bar", { role: "search" }, this.search, this.status, this.since), this.heads, this.list.host, this.pill, this.pane);
    this.list.host.append(this.note);
    this.detail = new Detail(this.pane, home, this);
  }

  enter(id) {
    if (!this.loaded) this.load();
    if (id) this.show(id, false);
    else this.close(false);
  }

  // What is asked for, from the controls and the words in the search.
  filters() {
    const found = { app: this.home.app, status: this.status.value, since: this.since.value };
    const rest = [];
    for (const word of this.search.value.match(/(?:[^\s"]|"[^"]*")+/g) ?? []) {
      const plain = word.replaceAll('"', "");
      const [name, value] = [plain.slice(0, plain.indexOf(":")), plain.slice(plain.indexOf(":") + 1)];
      if (!WORDS.includes(name)) rest.push(plain);
      else if (name === "type" || name === "where") (found[name] ??= []).push(value);
      else found[name] = value;
    }
    return { ...found, grep: rest.join(" ") };
  }

  isPlain() {
    const { app, ...others } = this.filters();
    return Object.values(others).every((value) => !value?.length);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 180);
  }

  searching(event) {
    if (event.key === "Escape") {
      this.search.value = "";
      this.load();
      this.list.host.focus();
    } else if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      const id = this.search.value.trim();
      if (/^msg_\w{27}$/.test(id)) this.show(id);
      else this.list.host.focus();
    }
  }

  async load() {
    this.asking?.abort();
    this.asking = new AbortController();
    this.loaded = true;
    const { signal } = this.asking;
    this.busy = true;
    try {
      const page = await (this.ahead() ?? read(`events${query({ ...this.filters(), view: "rows", limit: FIRST })}`, signal));
      this.cursor = page.next_cursor;
      this.list.done = !this.cursor;
      this.unseen = 0;
      this.stale = false;
      for (const row of page.data) this.home.meet(row.app);
      this.list.set(page.data);
      this.tell();
    } catch (why) {
      if (why.name === "AbortError") return;
      this.list.set([]);
      this.tell(why);
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  // What was asked for while the page was still being put together, once.
  ahead() {
    const { first } = this.home;
    this.home.first = null;
    return this.isPlain() && !this.home.app ? first : null;
  }

  async more() {
    if (this.busy || !this.cursor) return;
    this.busy = true;
    const { signal } = this.asking;
    try {
      const page = await read(`events${query({ ...this.filters(), view: "rows", limit: PAGE, cursor: this.cursor })}`, signal);
      this.cursor = page.next_cursor;
      this.list.done = !this.cursor;
      this.list.append(page.data);
    } catch (why) {
      if (why.name !== "AbortError") say(why.message);
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  // The newest again, put where they belong: after a break, or when a filter decides what comes in.
  async renew() {
    if (!this.loaded || this.renewing) {
      this.again = true;
      return;
    }
    this.renewing = true;
    try {
      const page = await read(`events${query({ ...this.filters(), view: "rows", limit: PAGE })}`, this.asking?.signal);
      const known = page.data.some((row) => this.list.has(row.id));
      if (known || !this.list.rows.length) this.arrived(page.data);
      else if (this.list.host.scrollTop < 1) this.load();
      else this.missed();
    } catch (why) {
      if (why.name !== "AbortError") say(why.message);
    }
    // Not more often than this, however much comes in.
    setTimeout(() => {
      this.renewing = false;
      if (this.again) {
        this.again = false;
        this.renew();
      }
    }, 300);
  }

  // A row came or changed.
  row(row) {
    this.home.meet(row.app);
    if (this.detail.id === row.id) this.detail.changed(row);
    if (this.home.app && row.app !== this.home.app) return;
    if (this.list.update(row)) return;
    if (this.isPlain()) this.gather(row);
    else this.renew();
  }

  gather(row) {
    (this.waiting ??= []).push(row);
    this.gathering ??= requestAnimationFrame(() => {
      const rows = this.waiting.sort((one, two) => (one.received_at < two.received_at ? 1 : -1));
      this.waiting = this.gathering = null;
      this.arrived(rows);
    });
  }

  arrived(rows) {
    const fresh = rows.filter((row) => !this.list.update(row));
    const newest = this.list.rows[0]?.received_at ?? "";
    const above = fresh.filter((row) => row.received_at >= newest);
    if (!above.length) return;
    if (!this.list.prepend(above)) this.unseen += above.length;
    this.tell();
  }

  // More came than one look shows; whoever reads further down is not torn away.
  missed() {
    this.stale = true;
    this.tell();
  }

  top() {
    if (this.stale) {
      this.load();
      return;
    }
    this.list.host.scrollTop = 0;
    this.unseen = 0;
    this.tell();
  }

  tell(why) {
    this.pill.hidden = !this.unseen && !this.stale;
    this.pill.textContent = this.stale ? "many new \u2191" : `${this.unseen} new \u2191`;
    this.note.hidden = this.list.rows.length > 0;
    if (this.note.hidden) return;
    if (why) this.note.replaceChildren(h("h2", null, "The search was refused"), h("p", null, visible(why.message)));
    else if (!this.isPlain()) this.note.replaceChildren(h("h2", null, "Nothing matches"), h("p", null, "Esc in the search clears it."));
    else {
      const inbox = `${location.origin}/in/${this.home.app || "default"}`;
      this.note.replaceChildren(
        h("h2", null, "Waiting for the first event"),
        this.home.may("operator")
          ? h("p", null, "Send a webhook to ", h("code", null, inbox), ", or type ", h("code", null, "whk send order.created"), ".")
          : h("p", null, "What is sent to your endpoints shows here as it happens."));
    }
  }

  fill(element, row) {
    const [when, type, app, from, verdict, status, ms] = element.children;
    put(when, time(row.received_at));
    put(type, row.event_type ? visible(row.event_type) : visible(`${row.method} ${row.path}`));
    put(app, visible(row.app));
    put(from, visible(row.provider ?? ""));
    wear(verdict.firstChild, signed(row));
    wear(status.firstChild, delivered(row));
    put(ms, span(row.duration_ms));
    element.classList.toggle("marked", row.id === this.marked);
  }

  pick(row) {
    this.list.choose(row.id);
    // With room for both, what is chosen is shown.
    if (!this.pane.hidden && innerWidth > 860) this.show(row.id);
  }

  show(id, go = true) {
    this.list.choose(id);
    this.pane.hidden = false;
    this.element.classList.add("split");
    if (go) history.replaceState(null, "", `#/events/${id}`);
    this.detail.show(id);
  }

  close(go = true) {
    if (this.pane.hidden) return;
    this.pane.hidden = true;
    this.element.classList.remove("split");
    this.detail.clear();
    if (go) history.replaceState(null, "", "#/events");
    this.list.host.focus();
  }

  get current() {
    return this.detail.id ?? this.list.chosen;
  }

  mark() {
    const id = this.current;
    if (!id) return say("Choose an event first");
    if (!this.marked || this.marked === id) {
      this.marked = this.marked === id ? null : id;
      say(this.marked ? "Choose another event and press d to compare" : "Not comparing any more");
    } else {
      compare(this.marked, id);
      this.marked = null;
    }
    this.list.dirty();
  }

  key(key) {
    const acts = {
      j: () => this.move(1), k: () => this.move(-1), d: () => this.mark(),
      "/": () => this.search.focus(), Escape: () => this.close(),
      r: () => this.act("replay"), e: () => this.act("edit"), c: () => this.act("copy"), s: () => this.act("resign"),
      Enter: () => this.list.chosen && this.show(this.list.chosen),
    };
    acts[key]?.();
    return key in acts;
  }

  move(by) {
    const row = this.list.step(by);
    if (row) this.pick(row);
  }

  async act(what) {
    const id = this.current;
    if (!id) return say("Choose an event first: j and k move");
    try {
      const event = await this.detail.whole(id);
      // The key may have been pressed twice meanwhile.
      if (!document.querySelector("dialog[open]")) this.detail[what](event);
    } catch (why) {
      say(why.message);
    }
  }
}

function make() {
  return h("div.ev", null, ["time", "type", "app", "from", "verdict", "status", "ms"].map((name) => h(`span.${name}`, null, name === "verdict" || name === "status" ? badge("", "") : null)));
}

function choice(label, options) {
  return h("select", { "aria-label": label }, options.map(([value, text]) => h("option", { value }, text)));
}

// A row's element is used for many rows: only what differs from the row before is touched, since each touch is laid out.
function put(element, text) {
  const node = element.firstChild;
  if (!node) element.textContent = text;
  else if (node.data !== text) node.data = text;
}

function wear(element, [word, kind]) {
  const looks = kind ? `badge ${kind}` : "badge";
  if (element.className !== looks) element.className = looks;
  put(element, word);
}

function signed({ verdict, provider }) {
  if (verdict) return verdict.ok ? ["valid", "good"] : ["invalid", "bad"];
  return [provider ? "not judged" : "unsigned", ""];
}

function delivered({ state, status, error }) {
  const word = state === "in_flight" ? "in flight" : state;
  const code = status ?? error;
  return [code ? `${word} ${code}` : word, KINDS[state]];
}

export const signature = (row) => badge(...signed(row));
export const delivery = (row) => badge(...delivered(row));
