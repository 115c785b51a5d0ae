// An app's endpoints: made, changed, tried, switched, and how they are doing.

import { HOOKS, call, query, read } from "./api.js";
import { ask, badge, copy, dialog, field, h, percent, problem, say, span, visible } from "./dom.js";

export class Endpoints {
  constructor(home) {
    this.home = home;
    this.cards = h("div.cards", { role: "list" });
    this.element = h("div.page", null,
      h("div.head", null, h("h1", null, "Endpoints"), h("span.grow"),
        home.may("portal") ? h("button.main", { type: "button", on: { click: () => this.edit() } }, "New endpoint") : badge("read only", "")),
      this.forwards(), this.cards);
  }

  forwards() {
    const all = this.home.access.forwards;
    if (!all.length) return null;
    return h("p.dim", null, "whk listen forwards to ", all.map((one, i) => [i ? ", " : "", h("code", null, visible(one))]), ". Endpoints made here get events beside that.");
  }

  get app() {
    return this.home.app || this.home.access.app || "default";
  }

  path(endpoint, rest = "") {
    return `${HOOKS}/${endpoint.id}${rest}${query({ app: endpoint.app })}`;
  }

  enter() {
    this.load();
  }

  async load() {
    // Another app may be chosen, or an endpoint changed, before this one is answered.
    const turn = (this.turn = {});
    try {
      const { data } = await read(`${HOOKS}${query({ app: this.app, limit: 200 })}`);
      if (this.turn !== turn) return;
      this.cards.replaceChildren(...data.map((one) => this.card(one)));
      if (!data.length) this.cards.replaceChildren(h("div.empty", null, h("h2", null, "No endpoint yet"), h("p", null, `Events of ${visible(this.app)} go to every endpoint that wants their type.`)));
    } catch (why) {
      if (this.turn === turn) this.cards.replaceChildren(problem(why));
    }
  }

  card(one) {
    const name = visible(one.name || one.url);
    const state = one.disabled ? badge(one.disabled_by === "owner" ? "disabled" : `disabled by ${one.disabled_by}`, "wait") : badge("enabled", "good");
    const facts = h("div.facts", null, h("span", null, "Looking\u2026"));
    const button = (word, act, kind = "") => h(`button${kind}`, { type: "button", "aria-label": `${word}: ${name}`, on: { click: act } }, word);
    this.health(one, facts);
    return h("article.card.ep", { role: "listitem", "aria-label": name },
      h("h2", null, name, state), h("div.mono", null, visible(one.url)),
      h("div.facts", null, h("span", null, "Events ", h("b", null, visible(one.events.join(", ")))), h("span", null, "Scheme ", h("b", null, visible(one.scheme))), one.rate_limit ? h("span", null, "At most ", h("b", null, `${one.rate_limit}/s`)) : null),
      facts,
      this.home.may("portal") ? h("div.acts", null,
        button("Test", () => this.test(one)), button("Edit", () => this.edit(one)),
        button(one.disabled ? "Enable" : "Disable", () => this.change(one, { disabled: !one.disabled })),
        button("Secret", () => this.secret(one)), button("Rotate secret", () => this.rotate(one)),
        button("Delete", () => this.remove(one), ".danger")) : null);
  }

  async health(one, place) {
    try {
      const { last_day: day, failing_since: since, failures_in_a_row: row } = await read(this.path(one));
      place.replaceChildren(
        h("span", null, "Last day ", h("b", null, percent(day.success_rate)), ` of ${day.succeeded + day.failed}`),
        day.latency_ms.p50 === null ? "" : h("span", null, "p50 ", h("b", null, span(day.latency_ms.p50)), " p99 ", h("b", null, span(day.latency_ms.p99))),
        since ? h("span", null, badge(`failing since ${new Date(since).toLocaleString()}, ${row} in a row`, "bad")) : "");
    } catch (why) {
      place.replaceChildren(problem(why));
    }
  }

  async done(work, text) {
    try {
      const value = await work;
      say(text);
      this.load();
      return value;
    } catch (why) {
      say(why.message);
      return null;
    }
  }

  test(one) {
    return this.done(call("POST", this.path(one, "/test"), {}).then((made) => { location.hash = `#/events/${made.id}`; }), "A test event is on its way");
  }

  change(one, what) {
    return this.done(call("PATCH", this.path(one), what), "disabled" in what ? (what.disabled ? "Disabled" : "Enabled") : "Changed");
  }

  remove(one) {
    ask("Delete the endpoint", `${visible(one.url)} gets no more events. What was sent to it stays on record.`, "Delete", () => this.done(call("DELETE", this.path(one)), "Deleted"));
  }

  rotate(one) {
    ask("Rotate the secret", "From now on both secrets sign; after 24 hours only the new one does.", "Rotate", async () => {
      const value = await this.done(call("POST", this.path(one, "/rotate-secret"), {}), "Rotated");
      if (value) shown(value.secret, "The new secret");
    });
  }

  async secret(one) {
    try {
      shown((await read(this.path(one, "/secret"))).secret, "The signing secret");
    } catch (why) {
      say(why.message);
    }
  }

  edit(one) {
    const url = h("input", { type: "url", name: "url", required: true, value: one?.url ?? "", placeholder: "https://example.com/webhooks", autofocus: true });
    const name = h("input", { name: "name", value: one?.name ?? "" });
    const events = h("input", { name: "events", value: (one?.events ?? ["*"]).join(", "), spellcheck: false });
    const rate = h("input", { name: "rate_limit", type: "number", min: 1, max: 1000000, value: one?.rate_limit ?? "" });
    const ordered = h("input", { type: "checkbox", checked: one?.ordered ?? false });
    const result = h("div");
    const submit = async (close) => {
      const wish = {
        url: url.value.trim(), name: name.value, events: events.value.split(",").map((text) => text.trim()).filter(Boolean),
        rate_limit: rate.value ? Number(rate.value) : null, ordered: ordered.checked,
      };
      try {
        const made = one ? await call("PATCH", this.path(one), wish) : await call("POST", `${HOOKS}${query({ app: this.app })}`, wish);
        close();
        say(one ? "Changed" : "Made");
        this.load();
        if (!one) shown(made.secret, "Its signing secret");
      } catch (why) {
        result.replaceChildren(problem(why));
      }
    };
    dialog(one ? "Edit endpoint" : "New endpoint", (close) => h("form", { on: { submit: (event) => { event.preventDefault(); submit(close); } } },
      field("URL", url), field("Name", name),
      field("Events", events, "Types or patterns such as order.*, with commas between; * is all."),
      field("At most so many a second", rate),
      h("p", null, h("label.check", null, ordered, "One after the other, in order")),
      result,
      h("footer", null, h("button", { type: "button", on: { click: close } }, "Cancel"), h("button.main", { type: "submit" }, one ? "Save" : "Make"))));
  }
}

function shown(secret, title) {
  dialog(title, (close) => [
    h("p", null, h("code", null, visible(secret))),
    h("p.dim", null, "The receiver checks signatures with it. Treat it like a password."),
    h("footer", null, h("button", { type: "button", on: { click: () => copy(secret, "Secret") } }, "Copy"), h("button.main", { type: "button", autofocus: true, on: { click: close } }, "Done")),
  ]);
}
