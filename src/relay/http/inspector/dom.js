// Building blocks: elements made of parts, never of markup; text made visible; words for times and sizes.

const SVG = "http://www.w3.org/2000/svg";

// An element. `props` are properties, but for `on` (listeners), `data-…`, `aria-…`, `role` and `for`, which are what
// they say. What is not an element among the parts becomes text.
export function h(tag, props, ...parts) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined) continue;
    if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (/^(data|aria)-|^(role|for|href|colspan|list)$/.test(key)) element.setAttribute(key, value);
    else element[key] = value;
  }
  put(element, parts);
  return element;
}

export function svg(tag, attributes, ...parts) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  put(element, parts);
  return element;
}

function put(element, parts) {
  for (const part of parts.flat(9)) {
    if (part === null || part === undefined || part === false) continue;
    element.append(part instanceof Node ? part : document.createTextNode(String(part)));
  }
}

// Characters that would hide, or turn the text around them, as signs that show.
export function visible(text, multiline = false) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (c) => {
    const code = c.codePointAt(0);
    if (multiline && (c === "\n" || c === "\t")) return c;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? "\u2421" : `\u27e8${code.toString(16).padStart(4, "0")}\u27e9`;
  });
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

export function time(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return visible(text);
  return Date.now() - at.getTime() < 12 * 3600e3 ? clock.format(at) : day.format(at);
}

export function span(ms) {
  if (ms === null || ms === undefined) return "";
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60e3 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60e3)} min`;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

export const percent = (rate) => (rate === null ? "no attempts" : `${(rate * 100).toFixed(rate === 1 ? 0 : 1)} %`);

// A state is a word with a sign and a colour, in this order of importance.
export function badge(word, kind) {
  return h("span.badge" + (kind ? "." + kind : ""), null, word);
}

export const KINDS = { delivered: "good", dead: "bad", pending: "wait", in_flight: "wait", recorded: "" };

let quiet;
export function say(text) {
  const place = document.getElementById("say");
  place.textContent = visible(text);
  place.classList.add("on");
  clearTimeout(quiet);
  quiet = setTimeout(() => place.classList.remove("on"), 3500);
}

// A dialog; `build` gets a function that closes it and gives back its parts.
export function dialog(title, build) {
  const before = document.activeElement;
  const id = `title-${Math.random().toString(36).slice(2)}`;
  const box = h("dialog", { "aria-labelledby": id });
  const close = () => box.close();
  box.addEventListener("close", () => {
    box.remove();
    before?.focus?.();
  });
  box.append(
    h("div", null,
      h("header", null, h("h1", { id }, title), h("span.grow"),
        h("button.quiet", { type: "button", "aria-label": "Close", on: { click: close } }, "\u2715")),
      build(close)),
  );
  document.body.append(box);
  box.showModal();
  box.querySelector("[autofocus]")?.focus();
  return box;
}

export function ask(title, text, word, act) {
  dialog(title, (close) => [
    h("p", null, text),
    h("footer", null,
      h("button", { type: "button", on: { click: close } }, "Cancel"),
      h("button.main", { type: "button", autofocus: true, on: { click: () => { close(); act(); } } }, word)),
  ]);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS on a foreign address there is no clipboard but the old one.
    const field = h("textarea", { value: text });
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say(`${what} copied`);
}

export function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function field(label, control, note) {
  return h("label.field", null, label, control, note ? h("span.dim", null, note) : null);
}

export function problem(why) {
  return h("p.problem", { role: "alert" }, visible(why.message ?? why));
}
