// Dead letters: what was given up, to be sent again.

import { query, read } from "./api.js";
import { delivery } from "./events.js";
import { h, problem, time, visible } from "./dom.js";
import { redrive } from "./replay.js";

export class Dead {
  constructor(home) {
    this.home = home;
    this.rows = h("tbody");
    this.note = h("div.empty");
    this.all = h("button.main", { type: "button", on: { click: () => this.revive() } }, "Send all again");
    this.further = h("button", { type: "button", hidden: true, on: { click: () => this.more(false) } }, "Show more");
    this.table = h("div.scroll", null, h("table", null, h("caption.sr", null, "Events that an endpoint did not take"),
      h("thead", null, h("tr", null, ["Received", "Type", "Outcome", "Attempts", ""].map((word) => h("th", { scope: "col" }, word || h("span.sr", null, "Action"))))), this.rows));
    this.element = h("div.page", null, h("div.head", null, h("h1", null, "Dead letters"), h("span.grow"), home.may("portal") ? this.all : null), this.note, this.table, this.further);
  }

  enter() {
    this.load();
  }

  load() {
    this.cursor = null;
    return this.more(true);
  }

  async more(anew) {
    // Of two that are asked for at once only the later counts.
    const turn = (this.turn = {});
    try {
      const page = await read(`events${query({ app: this.home.app, status: "dead", view: "rows", limit: 100, cursor: this.cursor })}`);
      if (this.turn !== turn) return;
      this.cursor = page.next_cursor;
      if (anew) this.rows.replaceChildren();
      // Somebody may have sent it elsewhere in vain; that is no dead letter.
      this.rows.append(...page.data.filter((row) => row.state === "dead").map((row) => this.line(row)));
      const empty = !this.rows.childNodes.length;
      this.note.hidden = !empty;
      this.table.hidden = this.all.disabled = empty;
      this.further.hidden = !this.cursor;
      this.note.replaceChildren(h("h2", null, "No dead letters"), h("p", null, "Every delivery was taken, or is still being tried."));
    } catch (why) {
      if (this.turn !== turn) return;
      this.note.hidden = false;
      this.note.replaceChildren(problem(why));
    }
  }

  line(row) {
    const name = visible(row.event_type || row.path);
    const again = () => redrive({ ids: [row.id] }, `${name} goes once more to the endpoints that did not take it.`, () => this.soon());
    return h("tr", { "data-id": row.id },
      h("td", null, time(row.received_at)), h("td", null, h("a", { href: `#/events/${row.id}` }, name)), h("td", null, delivery(row)), h("td", null, row.attempts),
      h("td", null, this.home.may("portal") ? h("button", { type: "button", "aria-label": `Send again: ${name}`, on: { click: again } }, "Send again") : null));
  }

  revive() {
    redrive({ app: this.home.app || undefined }, "Everything that was given up goes once more to the endpoints that did not take it.", () => this.soon());
  }

  soon() {
    setTimeout(() => this.load(), 400);
  }

  row(row) {
    const line = this.rows.querySelector(`[data-id="${row.id}"]`);
    if (line && row.state !== "dead" && row.state !== "in_flight") this.load();
    else if (!line && row.state === "dead" && this.home.page === this) this.load();
  }
}
