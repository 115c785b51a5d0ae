// Once more: as it was, signed afresh, changed, or somewhere else.

import { call } from "./api.js";
import { asBytes, editable } from "./body.js";
import { ask, badge, dialog, field, h, problem, say, span, visible } from "./dom.js";

// As the relay does it by itself: to the endpoints that want it.
export async function queue(event, home) {
  try {
    const { endpoints } = await call("POST", `events/${event.id}/replay`, {});
    if (endpoints.length) say(`Sent again to ${endpoints.length === 1 ? "1 endpoint" : `${endpoints.length} endpoints`}`);
    else if (home.may("operator")) editor(event, "It went nowhere before: say where to.");
    else say("No endpoint wants this event");
  } catch (why) {
    say(why.message);
  }
}

// At once, and with what came of it.
export async function resend(event, change) {
  try {
    const { attempts } = await call("POST", `events/${event.id}/replay`, change);
    say(attempts.map(outcome).join(", "));
  } catch (why) {
    if (why.code === "nowhere") editor(event, "It went nowhere before: say where to.");
    else say(why.message);
  }
}

const outcome = (one) => `${one.status ?? one.error?.kind} from ${one.url} in ${span(one.duration_ms)}`;

// The request to be changed before it is sent.
export function editor(event, note) {
  const text = editable(event.body_b64, event.body);
  const to = h("input", { name: "to", placeholder: "where it went before", spellcheck: false, autocomplete: "off" });
  const resign = h("input", { type: "checkbox", name: "resign", checked: true });
  const lines = h("textarea", { name: "headers", spellcheck: false, rows: 6, value: event.headers.map(([name, value]) => `${name}: ${value}`).join("\n") });
  const body = h("textarea", { name: "body", spellcheck: false, rows: 12, value: text ?? "", disabled: text === null });
  const result = h("div", { role: "status" });
  const send = async () => {
    const headers = lines.value.split("\n").filter((line) => line.trim()).map((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [line.trim(), ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
    const change = { resign: resign.checked, headers };
    if (to.value.trim()) change.to = to.value.trim();
    if (text !== null && body.value !== text) change.body_b64 = asBytes(body.value);
    result.replaceChildren(h("p.dim", null, "Sending\u2026"));
    try {
      const { attempts } = await call("POST", `events/${event.id}/replay`, change);
      result.replaceChildren(...attempts.map((one) => h("p", null, badge(String(one.status ?? one.error?.kind), one.status >= 200 && one.status < 300 ? "good" : "bad"), ` ${visible(one.url)} ${span(one.duration_ms)} ${visible(one.error?.message ?? "")}`)));
    } catch (why) {
      result.replaceChildren(problem(why));
    }
  };
  dialog("Edit and replay", (close) => h("form", {
    on: { submit: (event) => { event.preventDefault(); send(); }, keydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } } },
  },
  note ? h("p.dim", null, note) : null,
  field("Send to", to, "A URL, host:port or port."),
  h("p", null, h("label.check", null, resign, "Sign again with the secret and a fresh time")),
  field("Body", body, text === null ? "These bytes are no text; they are sent as they are." : null),
  field("Header lines", lines, "A new signature replaces the old one."),
  result,
  h("footer", null, h("button", { type: "button", on: { click: close } }, "Close"), h("button.main", { type: "submit" }, "Send"))));
  (note ? to : body).focus();
}

// What was given up, of some events or of all.
export function redrive(what, words, done) {
  ask("Send again", words, "Send again", async () => {
    try {
      const { deliveries, skipped, more } = await call("POST", "redrive", what);
      say(`${deliveries} sent again${skipped ? `, ${skipped} left: their endpoint is gone or disabled` : ""}${more ? "; there are more" : ""}`);
      done();
    } catch (why) {
      say(why.message);
    }
  });
}
