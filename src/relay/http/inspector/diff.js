// Two requests line by line: what was cut, what was added.

import { read } from "./api.js";
import { lines, parsed } from "./body.js";
import { dialog, h, say, visible } from "./dom.js";

const MOST_LINES = 20000;
const MOST_STEPS = 1500;
// So many equal lines around a change are shown.
const AROUND = 3;

let last;

export async function compare(one, two) {
  const turn = (last = {});
  try {
    const [a, b] = await Promise.all([read(`events/${one}`), read(`events/${two}`)]);
    // Meanwhile two others may have been chosen, or something else was opened.
    if (last !== turn || document.querySelector("dialog[open]")) return;
    dialog("Compare", (close) => [
      h("p", null, h("span.badge.bad", null, "first"), " ", title(a)),
      h("p", null, h("span.badge.good", null, "second"), " ", title(b)),
      view("Request", request(a), request(b)),
      view("Body", body(a), body(b)),
      h("footer", null, h("button.main", { type: "button", autofocus: true, on: { click: close } }, "Close")),
    ]);
  } catch (why) {
    if (last === turn) say(why.message);
  }
}

const title = (event) => [h("b", null, visible(event.event_type || event.path)), " ", h("code", null, event.id)];

function request(event) {
  const target = event.path + (event.query ? `?${event.query}` : "");
  return [`${event.method} ${target}`, ...event.headers.map(([name, value]) => `${name}: ${value}`)];
}

function body(event) {
  if (event.body === null) return event.body_b64.match(/.{1,76}/g) ?? [];
  const tree = parsed(event.body);
  return tree ? lines(tree.root) : event.body.split("\n");
}

function view(name, one, two) {
  const changes = difference(one.slice(0, MOST_LINES), two.slice(0, MOST_LINES));
  const count = changes.filter(([sign]) => sign !== " ").length;
  return h("section", { "aria-label": name },
    h("h2", null, `${name}: ${count ? `${count} lines differ` : "the same"}`),
    count ? h("div.diff", { tabIndex: 0, role: "group", "aria-label": `${name}, line by line` }, near(changes)) : null);
}

function near(changes) {
  const shown = changes.map(() => false);
  changes.forEach(([sign], i) => {
    if (sign !== " ") for (let n = i - AROUND; n <= i + AROUND; n++) if (n in shown) shown[n] = true;
  });
  const all = [];
  let left = 0;
  changes.forEach(([sign, text], i) => {
    if (!shown[i]) {
      left++;
      return;
    }
    if (left) all.push(h("div.cap", null, `\u22ef ${left} equal`));
    left = 0;
    const kind = { "+": ".add", "-": ".cut", " ": "" }[sign];
    all.push(h(`div${kind}`, null, `${sign === "-" ? "\u2212" : sign} ${visible(text)}`));
  });
  if (left) all.push(h("div.cap", null, `\u22ef ${left} equal`));
  return all;
}

// The shortest way from one to the other (Myers), or both in full when they have little in common.
export function difference(one, two) {
  let start = 0;
  while (start < one.length && start < two.length && one[start] === two[start]) start++;
  let end = 0;
  while (end < one.length - start && end < two.length - start && one.at(-1 - end) === two.at(-1 - end)) end++;
  const same = (lines) => lines.map((line) => [" ", line]);
  const middle = steps(one.slice(start, one.length - end), two.slice(start, two.length - end));
  return [...same(one.slice(0, start)), ...middle, ...same(one.slice(one.length - end))];
}

function steps(one, two) {
  const [n, m] = [one.length, two.length];
  const most = Math.min(n + m, MOST_STEPS);
  let front = new Map([[1, 0]]);
  const trail = [];
  for (let d = 0; d <= most; d++) {
    trail.push(new Map(front));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (front.get(k - 1) ?? -1) < (front.get(k + 1) ?? -1));
      let x = down ? (front.get(k + 1) ?? 0) : (front.get(k - 1) ?? 0) + 1;
      while (x < n && x - k < m && one[x] === two[x - k]) x++;
      front.set(k, x);
      if (x >= n && x - k >= m) return back(trail, one, two);
    }
  }
  return [...one.map((line) => ["-", line]), ...two.map((line) => ["+", line])];
}

function back(trail, one, two) {
  const all = [];
  let [x, y] = [one.length, two.length];
  for (let d = trail.length - 1; d >= 0; d--) {
    const front = trail[d];
    const k = x - y;
    const down = k === -d || (k !== d && (front.get(k - 1) ?? -1) < (front.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const [oldX, oldY] = [front.get(from) ?? 0, (front.get(from) ?? 0) - from];
    while (x > oldX && y > oldY && x > 0 && y > 0 && one[x - 1] === two[y - 1]) {
      all.push([" ", one[--x]]);
      y--;
    }
    if (d === 0) break;
    if (down) all.push(["+", two[--y]]);
    else all.push(["-", one[--x]]);
  }
  return all.reverse();
}
