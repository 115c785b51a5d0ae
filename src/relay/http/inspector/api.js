// The relay's API: the token travels in a header, and lives in this tab alone.

const KEY = "whk-token";
const BASE = "/api/v1/webhooks";
export const HOOKS = "/api/v1/admin/webhooks";

let token = "";

// Takes the token out of the link, so that it is neither shown nor kept in the history.
export function arrive() {
  const portal = location.pathname.match(/^\/portal\/([^/]+)\/?$/);
  if (portal) {
    token = decodeURIComponent(portal[1]);
    return true;
  }
  const given = location.hash.match(/^#(?:token=)?(whkp?_[\w-]+)$/);
  if (given) {
    keep(given[1]);
    history.replaceState(null, "", "/#/events");
  } else {
    token = sessionStorage.getItem(KEY) ?? "";
  }
  return token !== "";
}

export function keep(text) {
  token = text.trim();
  sessionStorage.setItem(KEY, token);
}

export function forget() {
  token = "";
  sessionStorage.removeItem(KEY);
}

export class Refused extends Error {
  constructor(status, value) {
    super(value?.detail || `the relay answered ${status}`);
    this.status = status;
    this.code = value?.code;
  }
}

async function fetched(method, path, body, signal) {
  const headers = { authorization: `Bearer ${token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const path_ = path.startsWith("/") ? path : `${BASE}/${path}`;
  let answer;
  try {
    answer = await fetch(path_, {
      method, headers, signal, cache: "no-store", credentials: "omit",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (why) {
    if (why.name === "AbortError") throw why;
    throw new Refused(0, { detail: "the relay does not answer" });
  }
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => null));
  return answer;
}

export async function call(method, path, body, signal) {
  const answer = await fetched(method, path, body, signal);
  return answer.status === 204 ? null : answer.json();
}

export const read = (path, signal) => call("GET", path, undefined, signal);

export async function bytes(path) {
  return new Uint8Array(await (await fetched("GET", path)).arrayBuffer());
}

export function query(params) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") all.append(name, one);
    }
  }
  const text = all.toString();
  return text ? `?${text}` : "";
}

// Rows as they come and change, until `signal` ends it; comes again by itself after a break.
export async function live(app, told, signal) {
  for (let wait = 250; !signal.aborted; wait = Math.min(wait * 2, 5000)) {
    try {
      const answer = await fetched("GET", `events/live${query({ app })}`, undefined, signal);
      told("on");
      wait = 250;
      await messages(answer.body.getReader(), told);
    } catch (why) {
      if (signal.aborted) return;
      if (why.status === 401) {
        told("denied");
        return;
      }
    }
    if (signal.aborted) return;
    told("off");
    await new Promise((done) => setTimeout(done, wait));
  }
}

async function messages(reader, told) {
  const decoder = new TextDecoder();
  for (let text = "", kind = "", data = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line.startsWith("event: ")) kind = line.slice(7);
      else if (line.startsWith("data: ")) data = line.slice(6);
      else if (line === "") {
        if (data) told(kind, JSON.parse(data));
        kind = data = "";
      }
    }
  }
}

export function decoded(base64) {
  const text = atob(base64);
  const all = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) all[i] = text.charCodeAt(i);
  return all;
}

export function encoded(all) {
  let text = "";
  for (let i = 0; i < all.length; i += 0x8000) text += String.fromCharCode(...all.subarray(i, i + 0x8000));
  return btoa(text);
}
