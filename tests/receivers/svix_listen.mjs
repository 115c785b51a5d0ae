// What `svix listen` does: says its token, gets events with base64 bodies, and sends the answers back.
import { WebSocket, request } from "undici";

const socket = new WebSocket(process.env.SOURCE);
socket.binaryType = "arraybuffer";
const say = (word) => socket.send(new TextEncoder().encode(JSON.stringify(word)));

socket.onopen = () => say({ type: "start", version: 1, data: { token: process.env.TOKEN } });
socket.onclose = (event) => {
  console.error(`closed: ${event.code} ${event.reason}`);
  process.exit(1);
};
socket.onmessage = async ({ data }) => {
  const word = JSON.parse(new TextDecoder().decode(data));
  if (word.type === "start") {
    console.log(JSON.stringify({ type: "ready", token: word.data.token }));
    return;
  }
  const { id, body, headers, method } = word.data;
  const answer = await request(process.env.TARGET, { method, headers, body: Buffer.from(body, "base64") });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const lines = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
  const said = { id, status: answer.statusCode, body: bytes.toString("base64"), headers: lines };
  say({ type: "event", version: 1, data: said });
};
