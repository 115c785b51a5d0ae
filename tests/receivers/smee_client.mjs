// The client of smee, from its own package, between a channel and a target.
import { SmeeClient } from "smee-client";

const logger = { info: () => {}, error: (...words) => console.error(...words) };
const client = new SmeeClient({ source: process.env.SOURCE, target: process.env.TARGET, logger });
await client.start();
console.log(JSON.stringify({ type: "ready" }));
