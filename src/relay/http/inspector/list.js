// A list of any length: only the rows in sight are elements, and these are used again and again.

import { h } from "./dom.js";

const TALL = 56;
const FLAT = 34;
const NARROW = 620;
// Rows beside those in sight: what is scrolled past in one frame is drawn in vain.
const SPARE = 4;
// How near to its end the list asks for more, in rows.
const NEAR = 120;

export class List {
  constructor(label, { make, fill, pick, open, more }) {
    Object.assign(this, { make, fill, pick, open, more });
    this.rows = [];
    // Where each row is, counted from `base`, which moves when rows come in above.
    this.places = new Map();
    this.base = 0;
    this.pool = [];
    this.chosen = null;
    this.height = FLAT;
    this.space = h("div", { role: "presentation" });
    this.host = h("div.list", { tabIndex: 0, role: "listbox", "aria-label": label }, this.space);
    this.host.addEventListener("scroll", () => this.soon(), { passive: true });
    this.host.addEventListener("click", (event) => this.clicked(event));
    this.host.addEventListener("keydown", (event) => this.pressed(event));
    this.watch = new ResizeObserver(() => this.measure());
    this.watch.observe(this.host);
  }

  // Replaces everything.
  set(rows) {
    this.rows = [];
    this.places.clear();
    this.base = 0;
    this.host.scrollTop = 0;
    this.append(rows);
  }

  append(rows) {
    for (const row of rows) {
      if (this.places.has(row.id)) continue;
      this.places.set(row.id, this.base + this.rows.length);
      this.rows.push(row);
    }
    this.soon();
  }

  // New ones at the top; what is in sight stays where it is unless the top is. Says whether it is.
  prepend(rows) {
    const fresh = rows.filter((row) => !this.places.has(row.id));
    const atTop = this.host.scrollTop < this.height;
    this.rows.unshift(...fresh);
    this.base -= fresh.length;
    fresh.forEach((row, place) => this.places.set(row.id, this.base + place));
    this.soon();
    if (!atTop) this.host.scrollTop += fresh.length * this.height;
    return atTop;
  }

  update(row) {
    const place = this.place(row.id);
    if (place === undefined) return false;
    this.rows[place] = row;
    this.soon();
    return true;
  }

  place(id) {
    const place = this.places.get(id);
    return place === undefined ? undefined : place - this.base;
  }

  has(id) {
    return this.places.has(id);
  }

  get(id) {
    return this.rows[this.place(id)];
  }

  choose(id, inSight = true) {
    this.chosen = id;
    const place = this.place(id);
    if (inSight && place !== undefined) {
      const top = place * this.height;
      const bottom = top + this.height;
      const { scrollTop, clientHeight } = this.host;
      if (top < scrollTop) this.host.scrollTop = top;
      else if (bottom > scrollTop + clientHeight) this.host.scrollTop = bottom - clientHeight;
    }
    this.soon();
  }

  // The row so many steps from the chosen one.
  step(by) {
    if (!this.rows.length) return null;
    const place = this.place(this.chosen);
    const next = place === undefined ? 0 : Math.max(0, Math.min(this.rows.length - 1, place + by));
    return this.rows[next];
  }

  dirty() {
    for (const node of this.pool) node.row = null;
    this.soon();
  }

  measure() {
    const narrow = this.host.clientWidth < NARROW;
    this.height = narrow ? TALL : FLAT;
    this.host.classList.toggle("narrow", narrow);
    this.heads?.classList.toggle("narrow", narrow);
    this.dirty();
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { scrollTop, clientHeight } = this.host;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - SPARE);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / this.height) + SPARE);
    const wanted = Math.ceil(clientHeight / this.height) + 2 * SPARE + 2;
    while (this.pool.length < wanted) {
      const element = this.make();
      element.setAttribute("role", "option");
      this.space.append(element);
      this.pool.push({ element, row: null, place: -1 });
    }
    const total = `${this.rows.length * this.height}px`;
    if (this.space.style.height !== total) this.space.style.height = total;
    const all = this.done ? this.rows.length : -1;
    const used = new Set();
    let active = null;
    for (let place = first; place < last; place++) {
      const slot = place % this.pool.length;
      const node = this.pool[slot];
      const row = this.rows[place];
      const { element } = node;
      used.add(slot);
      if (node.row !== row) {
        node.row = row;
        element.id = `row-${row.id}`;
        this.fill(element, row);
      }
      if (node.place !== place || node.height !== this.height) {
        node.place = place;
        node.height = this.height;
        element.style.transform = `translateY(${place * this.height}px)`;
        element.setAttribute("aria-posinset", place + 1);
      }
      if (node.all !== all) element.setAttribute("aria-setsize", (node.all = all));
      const chosen = row.id === this.chosen;
      if (node.chosen !== chosen) element.setAttribute("aria-selected", (node.chosen = chosen));
      if (element.hidden) element.hidden = false;
      if (chosen) active = element.id;
    }
    this.pool.forEach((node, slot) => {
      if (!used.has(slot) && !node.element.hidden) {
        node.element.hidden = true;
        node.row = null;
      }
    });
    if (active) this.host.setAttribute("aria-activedescendant", active);
    else this.host.removeAttribute("aria-activedescendant");
    if (last + NEAR > this.rows.length) this.more();
  }

  clicked(event) {
    const option = event.target.closest("[role=option]");
    if (option) this.open(this.rows[Number(option.getAttribute("aria-posinset")) - 1]);
  }

  pressed(event) {
    const page = Math.max(1, Math.floor(this.host.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      event.preventDefault();
      const row = this.step(steps[event.key]);
      if (row) this.pick(row);
    } else if (event.key === "Enter" && this.chosen && this.has(this.chosen)) {
      event.preventDefault();
      this.open(this.get(this.chosen));
    }
  }
}
