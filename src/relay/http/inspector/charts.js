// How deliveries go: by the minute, and endpoint by endpoint.

import { query, read } from "./api.js";
import { badge, h, percent, problem, span, svg, visible } from "./dom.js";

const EVERY = 5000;
const HIGH = 120;

export class Charts {
  constructor(home) {
    this.home = home;
    this.inside = h("div");
    this.element = h("div.page", null, h("div.head", null, h("h1", null, "Deliveries")), this.inside);
  }

  enter() {
    this.load();
    this.timer = setInterval(() => document.hidden || this.load(), EVERY);
  }

  leave() {
    clearInterval(this.timer);
  }

  async load() {
    const { app } = this.home;
    try {
      const stats = await read(`stats${query({ app })}`);
      if (this.home.app === app) this.draw(stats);
    } catch (why) {
      if (this.home.app === app) this.inside.replaceChildren(problem(why));
    }
  }

  draw({ minutes, endpoints, last_day: day }) {
    const fact = (word, value) => h("div.card", null, h("span.dim", null, word), h("b", null, value));
    const latency = (percentile) => (day.latency_ms[percentile] === null ? "\u2013" : span(day.latency_ms[percentile]));
    this.inside.replaceChildren(
      h("div.big", null, fact("Success, last day", percent(day.success_rate)), fact("Attempts", String(day.succeeded + day.failed)), fact("Given up", String(day.dead)), fact("p50", latency("p50")), fact("p95", latency("p95")), fact("p99", latency("p99"))),
      h("div.card", null, h("h2", null, "Attempts a minute, last hour"), bars(minutes),
        h("p.legend.dim", null, h("span", null, h("i"), "delivered"), h("span", null, h("i.no"), "failed, on top"))),
      h("div.card", null, h("h2", null, "Latency p95 by the minute"), curve(minutes)),
      h("h2", null, "Endpoints, last day"),
      h("div.scroll", { tabIndex: 0, role: "group", "aria-label": "Endpoints, last day" }, h("table", null,
        h("thead", null, h("tr", null, ["Endpoint", "Success", "Attempts", "Given up", "p50", "p95", "p99"].map((word) => h("th", { scope: "col" }, word)))),
        h("tbody", null, endpoints.map(({ name, url, disabled, kind, last_day: own }) => h("tr", null,
          h("td", null, visible(name || url), " ", disabled ? badge("disabled", "wait") : kind === "forward" ? badge("forward", "") : null),
          h("td", null, percent(own.success_rate)), h("td", null, own.succeeded + own.failed), h("td", null, own.dead),
          ["p50", "p95", "p99"].map((word) => h("td", null, own.latency_ms[word] === null ? "\u2013" : span(own.latency_ms[word])))))))),
      endpoints.length ? "" : h("p.empty", null, "No endpoint yet."));
  }
}

function bars(minutes) {
  const most = Math.max(1, ...minutes.map((one) => one.succeeded + one.failed));
  const good = minutes.reduce((sum, one) => sum + one.succeeded, 0);
  const bad = minutes.reduce((sum, one) => sum + one.failed, 0);
  const label = `In the last hour ${good} attempts were delivered and ${bad} failed; at most ${most} in a minute.`;
  const chart = frame(label, most);
  minutes.forEach((one, i) => {
    const ok = (one.succeeded / most) * HIGH;
    const no = (one.failed / most) * HIGH;
    const x = i * 10 + 1;
    const title = `${new Date(one.at).toLocaleTimeString()}: ${one.succeeded} delivered, ${one.failed} failed`;
    chart.append(svg("g", {}, svg("title", {}, title),
      svg("rect", { class: "ok", x, y: HIGH - ok + 14, width: 8, height: ok }),
      svg("rect", { class: "no", x, y: HIGH - ok - no + 14, width: 8, height: no })));
  });
  return h("div", null, chart, h("p.dim", null, label));
}

function curve(minutes) {
  const values = minutes.map((one) => one.latency_ms.p95);
  const known = values.filter((value) => value !== null);
  if (!known.length) return h("p.dim", null, "Nothing was delivered in the last hour.");
  const most = Math.max(...known);
  const least = Math.min(...known);
  const label = `The p95 of a minute was ${least === most ? span(most) : `${span(least)} to ${span(most)}`}.`;
  const chart = frame(label, most);
  const points = values.flatMap((value, i) => (value === null ? [] : [[i * 10 + 5, HIGH - (value / most) * HIGH + 14]]));
  chart.append(svg("path", { class: "lat", d: points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y.toFixed(1)}`).join("") + (points.length === 1 ? "h8" : "") }));
  return h("div", null, chart, h("p.dim", null, label));
}

function frame(label) {
  return svg("svg", { class: "chart", viewBox: `0 0 600 ${HIGH + 16}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    svg("line", { class: "axis", x1: 0, x2: 600, y1: HIGH + 14.5, y2: HIGH + 14.5 }));
}
