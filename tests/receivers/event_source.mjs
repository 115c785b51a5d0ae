// The EventSource of the standard, with the one thing that browsers' own lacks: a header.
import { EventSource } from "eventsource";

const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const fetched = (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } });
const source = new EventSource(process.env.SOURCE, { fetch: fetched });
source.onopen = () => console.log(JSON.stringify({ type: "ready" }));
source.onerror = (error) => console.error(error.message);
source.onmessage = ({ data, lastEventId }) => {
  const body = Buffer.from(JSON.parse(data).body_b64, "base64").toString();
  console.log(JSON.stringify({ type: "event", id: lastEventId, body }));
};
