// A body as it can be read: JSON to fold, text, bytes, pictures. Numbers stay as they are written.

import { decoded, encoded } from "./api.js";
import { h, save, size, visible } from "./dom.js";

const CHUNK = 128 << 10;
const HEX = 8 << 10;
const JSON_MOST = 2 << 20;
const DEEPEST = 2000;
const OPEN_DEPTH = 3;
const OPEN_ROOM = 400;
const GROUP = 100;
const PICTURES = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]], ["image/jpeg", [0xff, 0xd8, 0xff]], ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
];
const PICTURE_MOST = 8 << 20;

// A body with the ways to look at it.
export function bodyView(base64, text, name) {
  const all = decoded(base64);
  if (!all.length) return h("p.dim", null, "No body.");
  const plain = text ?? decodedText(all);
  const picture = PICTURES.find(([, magic]) => magic.every((byte, i) => byte === null || all[i] === byte));
  const tree = plain !== null && all.length <= JSON_MOST ? parsed(plain) : null;
  const ways = [];
  if (picture && all.length <= PICTURE_MOST) {
    ways.push(["Picture", () => h("img", { src: `data:${picture[0]};base64,${base64}`, alt: "The body as a picture" })]);
  }
  if (tree) ways.push(["Pretty", () => h("div.tree", null, shown(tree.root, null, 0, { room: OPEN_ROOM }))]);
  if (plain !== null) ways.push(["Text", () => inPieces(plain.length, CHUNK, (from, to) => h("pre", null, visible(plain.slice(from, to), true)))]);
  ways.push(["Hex", () => inPieces(all.length, HEX, (from, to) => h("pre.hex", null, hex(all, from, to)))]);
  const box = h("div.body", { tabIndex: 0, role: "group", "aria-label": "Body" });
  const buttons = ways.map(([word, build]) => h("button", { type: "button", on: { click: () => look(word, build) } }, word));
  const look = (word, build) => {
    for (const button of buttons) button.setAttribute("aria-pressed", button.textContent === word);
    box.replaceChildren(build());
  };
  look(...ways[0]);
  return h("div", null,
    h("div.row-of", { role: "group", "aria-label": "Form of the body" }, buttons,
      h("button", { type: "button", on: { click: () => save(all, name) } }, "Download"), h("span.dim", null, size(all.length))),
    box);
}

function decodedText(all) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(all);
  } catch {
    return null;
  }
}

// The first piece, and a button for each further one.
function inPieces(length, step, piece) {
  const box = h("div");
  const add = (from) => {
    box.append(piece(from, Math.min(length, from + step)));
    const next = from + step;
    if (next >= length) return;
    const button = h("button", { type: "button", on: { click: () => { button.remove(); add(next); } } }, `Show more (${size(length - next)} left)`);
    box.append(button);
  };
  add(0);
  return box;
}

function hex(all, from, to) {
  const lines = [];
  for (let at = from; at < to; at += 16) {
    const part = Array.from(all.subarray(at, Math.min(to, at + 16)));
    const bytes = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = part.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${bytes.padEnd(47)}  ${letters}`);
  }
  return lines.join("\n");
}

// JSON as it is written: order, repeats and digits stay. `null` if it is none, or too deep to be shown as a tree.
export function parsed(text) {
  let at = 0;
  const fail = () => {
    throw new SyntaxError("no JSON");
  };
  const blank = /[ \t\n\r]*/y;
  const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
  const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return fail();
    at = pattern.lastIndex;
    return found[0];
  };
  const value = (depth) => {
    if (depth > DEEPEST) fail();
    take(blank);
    const c = text[at];
    if (c === '"') return { kind: "s", text: take(string) };
    if (c !== "{" && c !== "[") return { kind: /[-\d]/.test(c ?? "") ? "n" : "w", text: take(word) };
    const node = { kind: c, keys: c === "{" ? [] : null, parts: [] };
    const end = c === "{" ? "}" : "]";
    at++;
    take(blank);
    if (text[at] === end) {
      at++;
      return node;
    }
    for (;;) {
      if (node.keys) {
        take(blank);
        node.keys.push(take(string));
        take(blank);
        if (text[at++] !== ":") fail();
      }
      node.parts.push(value(depth + 1));
      take(blank);
      const next = text[at++];
      if (next === end) return node;
      if (next !== ",") fail();
    }
  };
  try {
    const root = value(0);
    take(blank);
    return at === text.length ? { root } : null;
  } catch {
    return null;
  }
}

function shown(node, key, depth, budget) {
  const label = key === null ? null : [h("span.k", null, visible(key)), ": "];
  if (node.parts === undefined) {
    return h("div.leaf", null, label, h(`span.${node.kind}`, null, visible(node.text)));
  }
  const [open, close] = node.keys ? ["{", "}"] : ["[", "]"];
  const count = node.parts.length;
  if (!count) return h("div.leaf", null, label, open + close);
  const words = node.keys ? (count === 1 ? "1 field" : `${count} fields`) : count === 1 ? "1 entry" : `${count} entries`;
  const inside = h("div");
  const box = h("details", null, h("summary", null, label, open, " ", h("span.dim", null, words), " ", close), inside);
  const build = () => {
    if (inside.childNodes.length) return;
    // Whoever opens a deep one sees what is in it, and no more than that.
    group(node, 0, count, inside, depth, depth < OPEN_DEPTH ? budget : { room: 0 });
  };
  budget.room -= count;
  if (depth < OPEN_DEPTH && budget.room > 0) {
    box.open = true;
    build();
  }
  box.addEventListener("toggle", build);
  return box;
}

function group(node, from, count, inside, depth, budget) {
  const end = Math.min(count, from + GROUP);
  for (let i = from; i < end; i++) inside.append(shown(node.parts[i], node.keys ? node.keys[i] : null, depth + 1, budget));
  if (end === count) return;
  const button = h("button", { type: "button", on: { click: () => { button.remove(); group(node, end, count, inside, depth, budget); } } }, `Show ${Math.min(GROUP, count - end)} more of ${count}`);
  inside.append(button);
}

// The lines of a tree, written out two spaces to a level.
export function lines(node) {
  const all = [];
  const write = ({ parts, keys, text }, pad, lead, tail) => {
    const [open, close] = keys ? ["{", "}"] : ["[", "]"];
    if (!parts?.length) {
      all.push(pad + lead + (parts ? open + close : text) + tail);
      return;
    }
    all.push(pad + lead + open);
    parts.forEach((part, i) => write(part, `${pad}  `, keys ? `${keys[i]}: ` : "", i === parts.length - 1 ? "" : ","));
    all.push(pad + close + tail);
  };
  write(node, "", "", "");
  return all;
}

// A body to be edited: its text, and how to turn it back into bytes.
export function editable(base64, text) {
  return text ?? decodedText(decoded(base64));
}

export const asBytes = (text) => encoded(new TextEncoder().encode(text));
