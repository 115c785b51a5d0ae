// The types of event, with a sample of each to send.

import { call, query, read } from "./api.js";
import { field, h, problem, say, visible } from "./dom.js";

export class Catalogue {
  constructor(home) {
    this.home = home;
    this.filter = h("input", { type: "search", placeholder: "Find a type", "aria-label": "Find a type", on: { input: () => this.list() } });
    this.types = h("ul.types");
    this.form = h("div");
    this.element = h("div.page", null, h("div.head", null, h("h1", null, "Event types")),
      h("div.two", null, h("div", null, field("", this.filter), this.types), this.form));
  }

  async enter() {
    if (this.all) return;
    try {
      this.all = (await read("types")).data;
      this.list();
    } catch (why) {
      this.types.replaceChildren(h("li", null, problem(why)));
    }
  }

  list() {
    if (!this.all) return;
    const wanted = this.filter.value.toLowerCase();
    const found = this.all.filter((one) => `${one.name} ${one.title} ${one.product}`.toLowerCase().includes(wanted));
    this.types.replaceChildren(...found.slice(0, 300).map((one) => h("li", null,
      h("button", { type: "button", "aria-pressed": one.name === this.chosen, on: { click: () => this.show(one) } },
        h("b", null, visible(one.name)), " ", h("span.dim", null, visible(one.product))))));
    if (!found.length) this.types.replaceChildren(h("li", null, h("p.empty", null, "No such type.")));
  }

  async show(one) {
    this.chosen = one.name;
    this.list();
    // Of two that are chosen one after the other only the later counts, whichever is answered first.
    const turn = (this.turn = {});
    try {
      const kind = await read(`types/${encodeURIComponent(one.name)}`);
      if (this.turn === turn) this.draw(one, kind);
    } catch (why) {
      if (this.turn === turn) this.form.replaceChildren(problem(why));
    }
  }

  draw(one, kind) {
    const data = h("textarea", { rows: 14, spellcheck: false, value: JSON.stringify(kind.sample ?? {}, null, 2) });
    const result = h("div", { role: "status" });
    const send = async () => {
      try {
        const app = this.home.app || this.home.access.app || undefined;
        const made = await call("POST", `test${query({ app })}`, { event_type: one.name, data: JSON.parse(data.value) });
        say("Sent");
        result.replaceChildren(h("p", null, "Sent as ", h("a", { href: `#/events/${made.id}` }, made.id)));
      } catch (why) {
        result.replaceChildren(problem(why));
      }
    };
    this.form.replaceChildren(
      h("h2", null, visible(one.title)), h("p.dim", null, visible(one.description)),
      this.home.may("operator")
        ? h("form", { on: { submit: (event) => { event.preventDefault(); send(); } } }, field(`Data of ${visible(one.name)}`, data, "It goes into the envelope, signed, to every endpoint that wants this type."), h("button.main", { type: "submit" }, "Send"), result)
        : h("div.body", { tabIndex: 0, role: "group", "aria-label": "Sample" }, h("pre", null, visible(data.value, true))),
      kind.schema ? h("details", null, h("summary", null, "Schema"), h("pre", null, visible(JSON.stringify(kind.schema, null, 2), true))) : null);
  }
}
