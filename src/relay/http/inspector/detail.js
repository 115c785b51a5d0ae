// One event: what came, whether it is signed rightly and why not, what became of it, and what can be done with it.

import { bytes, decoded, query, read } from "./api.js";
import { bodyView } from "./body.js";
import { badge, copy, dialog, h, problem, save, say, size, span, time, visible } from "./dom.js";
import { delivery, signature } from "./events.js";
import { editor, queue, resend } from "./replay.js";

export class Detail {
  constructor(pane, home, events) {
    Object.assign(this, { pane, home, events, id: null, event: null });
  }

  clear() {
    this.id = this.event = this.asked = null;
    this.pane.replaceChildren();
  }

  // The event itself: the one that is shown, or about to be, is not asked for twice.
  whole(id) {
    return this.id === id ? this.asked : read(`events/${id}`);
  }

  async show(id) {
    if (this.id === id) return;
    this.id = id;
    this.event = null;
    const asked = (this.asked = read(`events/${id}`));
    try {
      const event = await asked;
      if (this.asked !== asked) return;
      this.event = event;
      this.draw();
    } catch (why) {
      if (this.asked !== asked) return;
      // Whoever chooses it again asks again.
      this.id = null;
      this.pane.replaceChildren(h("section.part", null, this.back(), problem(why)));
    }
  }

  // Its row changed, so there is another attempt.
  changed(row) {
    if (!this.event) return;
    this.badges.replaceChildren(signature(row), delivery(row));
    this.attempts();
  }

  back() {
    return h("button.quiet.back", { type: "button", "aria-label": "Back to the list", on: { click: () => this.events.close() } }, "\u2190");
  }

  draw() {
    const { event } = this;
    const act = (word, key, what) => h("button", { type: "button", on: { click: what } }, word, h("kbd", { "aria-hidden": "true" }, key));
    this.badges = h("span.row-of");
    const row = this.events.list.get(this.id);
    if (row) this.badges.append(signature(row), delivery(row));
    this.verdict = h("div", { "aria-live": "polite" }, h("p.dim", null, "Looking into the signature\u2026"));
    this.timeline = h("div");
    const form = this.home.may("operator");
    const target = event.path + (event.query ? `?${event.query}` : "");
    this.pane.replaceChildren(
      h("header", null,
        h("div.title", null, this.back(), h("h1", null, visible(event.event_type || `${event.method} ${event.path}`)), this.badges, h("span.grow"),
          h("button.quiet", { type: "button", "aria-label": "Close", on: { click: () => this.events.close() } }, "\u2715")),
        h("p.about", null, h("code", null, event.id), ` \u00b7 ${new Date(event.received_at).toLocaleString()} \u00b7 ${visible(event.app)}`),
        h("div.acts", null,
          this.home.may("portal") && act("Replay", "r", () => this.replay(event)),
          form && act("Re-sign", "s", () => this.resign(event)),
          form && act("Edit\u2026", "e", () => this.edit(event)),
          act("Compare", "d", () => this.events.mark()),
          act("Copy\u2026", "c", () => this.copy(event)))),
      h("section.part", { "aria-label": "Signature" }, h("h2", null, "Signature"), this.verdict),
      h("section.part", { "aria-label": "Delivery" }, h("h2", null, "Delivery"), this.timeline),
      h("section.part", { "aria-label": "Body" }, h("h2", null, "Body"), bodyView(event.body_b64, event.body, `${event.id}.bin`)),
      h("section.part", { "aria-label": "Request" }, h("h2", null, "Request as received"),
        h("p.mono", null, visible(`${event.method} ${target}`)), headers(event.headers)));
    this.pane.scrollTop = 0;
    this.explain();
    this.attempts();
  }

  async explain() {
    const { id } = this;
    try {
      const verdict = await read(`events/${id}/verdict`);
      if (this.id === id) this.verdict.replaceChildren(explained(verdict, this.home));
    } catch (why) {
      if (this.id === id) this.verdict.replaceChildren(problem(why));
    }
  }

  async attempts() {
    // Each attempt that comes in asks again: an answer that is late must not take the newest away.
    const turn = (this.looking = {});
    const { id } = this;
    try {
      const page = await read(`events/${id}/attempts${query({ limit: 200 })}`);
      if (this.id === id && this.looking === turn) this.timeline.replaceChildren(timeline(page.data, this.event.deliveries));
    } catch (why) {
      if (this.id === id && this.looking === turn) this.timeline.replaceChildren(problem(why));
    }
  }

  replay(event) {
    if (this.home.may("portal")) queue(event, this.home);
  }

  resign(event) {
    if (this.home.may("operator")) resend(event, { resign: true });
  }

  edit(event) {
    if (this.home.may("operator")) editor(event);
  }

  copy(event) {
    const written = async (form) => new TextDecoder().decode(await bytes(`events/${event.id}/raw?as=${form}`));
    const ways = [
      ["curl command", async () => copy(await written("curl"), "curl command")],
      ["HTTP message", async () => copy(await written("http"), "HTTP message")],
      ["JSON line", () => copy(JSON.stringify({ type: "event", ...event, deliveries: undefined }), "JSON line")],
      ["whk command", () => copy(`whk replay ${event.id}`, "whk command")],
      ["Body", () => copy(event.body ?? event.body_b64, "body")],
      ["Link to this event", () => copy(`${location.origin}${location.pathname}#/events/${event.id}`, "link")],
    ];
    dialog("Copy or save", (close) => {
      const after = (act) => async () => {
        try {
          await act();
          close();
        } catch (why) {
          say(why.message);
        }
      };
      return h("div.menu", null,
        ways.map(([word, act], i) => h("button", { type: "button", autofocus: i === 0, on: { click: after(act) } }, `Copy: ${word}`)),
        h("button", { type: "button", on: { click: after(async () => save(await bytes(`events/${event.id}/raw?as=har`), `${event.id}.har`)) } }, "Save as HAR"),
        h("button", { type: "button", on: { click: after(async () => save(await bytes(`events/${event.id}/raw?as=http`), `${event.id}.http`)) } }, "Save as HTTP message"));
    });
  }
}

function headers(pairs) {
  return h("table.headers", null, h("caption.sr", null, "Header lines in the order they came"),
    h("thead.sr", null, h("tr", null, h("th", { scope: "col" }, "Name"), h("th", { scope: "col" }, "Value"))),
    h("tbody", null, pairs.map(([name, value]) => h("tr", null, h("td", null, visible(name)), h("td", null, visible(value))))));
}

function explained(verdict, home) {
  const who = verdict.title ? `${verdict.title} (${verdict.scheme})` : "";
  if (verdict.ok) {
    const age = verdict.age_s === null ? "" : `, signed ${Math.abs(verdict.age_s)} s ${verdict.age_s < 0 ? "after" : "before"} it came`;
    return h("div.card.good", null, badge("valid", "good"), ` ${visible(who)}${age}, secret ${verdict.secret_index + 1}`);
  }
  if (verdict.ok === null) {
    const how = verdict.scheme
      ? `The headers are those of ${visible(who)}. Nobody gave its secret, so it was not judged.`
      : visible(verdict.detail);
    return h("div.card", null, badge(verdict.scheme ? "not judged" : "unsigned", ""), " ", how,
      verdict.scheme && home.may("operator") ? h("p.dim", null, h("code", null, `whk listen --scheme ${verdict.scheme} --secret env:NAME`), " judges it.") : null);
  }
  return h("div.card.bad", null,
    h("div", null, badge("invalid", "bad"), " ", h("b", null, h("code", null, visible(verdict.reason))), ` \u00b7 ${visible(who)}`),
    h("p", null, visible(verdict.detail)),
    verdict.hints.length
      ? [h("b", null, "What explains it"), h("ul.hints", null, verdict.hints.map((hint) => h("li", null, h("code", null, visible(hint.cause)), " ", visible(hint.message))))]
      : h("p.dim", null, "None of the usual mistakes explains it: the secret may be another one."));
}

function timeline(tries, deliveries) {
  const states = deliveries.map((one) => one.state);
  if (!tries.length) {
    const text = !states.length ? "Recorded; no endpoint wanted it." : states.includes("pending") || states.includes("in_flight") ? "On its way." : "No attempt was made.";
    return h("p.dim", null, text);
  }
  return h("ol.steps", null, tries.map((one) => {
    const good = one.status >= 200 && one.status < 300;
    const outcome = one.status ?? one.error?.kind ?? "no answer";
    const answer = decoded(one.response_body_b64).length;
    return h(`li.${good ? "good" : "bad"}`, null,
      h("div.row-of", null, badge(String(outcome), good ? "good" : "bad"), h("b", null, `#${one.number}`), h("span", null, span(one.duration_ms)), h("span.dim", null, one.started_at ? time(one.started_at) : "")),
      h("div.mono", null, visible(one.url)),
      one.error ? h("p.problem", null, visible(one.error.message)) : null,
      one.next_attempt_at ? h("p.dim", null, `Next attempt ${new Date(one.next_attempt_at).toLocaleString()}`) : null,
      one.status === null ? null : response(one, answer));
  }));
}

// The answer is taken apart when somebody looks.
function response(one, length) {
  const inside = h("div");
  const box = h("details", null, h("summary", null, `Answer: ${one.response_headers.length} header lines, ${size(length)}`), inside);
  box.addEventListener("toggle", () => {
    if (!inside.childNodes.length) inside.append(headers(one.response_headers), bodyView(one.response_body_b64, null, `${one.id}.bin`));
  });
  return box;
}
