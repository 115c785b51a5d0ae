// A receiver with the official library, as its own pages write it; the secret is in WEBHOOK_SECRET.
import { createServer } from "node:http";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";

const webhooks = new Webhooks({ secret: process.env.WEBHOOK_SECRET, log: { debug() {}, info() {}, warn() {}, error() {} } });
webhooks.onAny(() => {});
const server = createServer(createNodeMiddleware(webhooks, { path: "/hook" }));
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ type: "ready", port: server.address().port })));
