/**
 * What Node alone costs: HTTPS with client certificates, and answers that are made already. `GET /N` answers with N bytes, `GET /watch`
 * with a stream on which every `POST /emit` writes one event of 3 KB to each watcher.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";

const [folder = "", port = ""] = process.argv.slice(2);
const file = (name) => readFileSync(join(folder, name));
const bodies = new Map();
const watchers = new Set();
const event = Buffer.alloc(3_000, "x");
event[event.length - 1] = 0x0a;

function bodyOf(bytes) {
  let body = bodies.get(bytes);
  if (!body) {
    body = Buffer.alloc(bytes, "x");
    bodies.set(bytes, body);
  }
  return body;
}

function watch(response) {
  response.writeHead(200).flushHeaders();
  watchers.add(response);
  response.once("close", () => watchers.delete(response));
}

function emit(response) {
  for (const watcher of watchers) watcher.write(event);
  response.end();
}

const server = createServer({
  cert: file("server.crt"),
  key: file("server.key"),
  ca: file("ca.crt"),
  requestCert: true,
});
server.on("request", (request, response) => {
  if (request.url === "/watch") return watch(response);
  if (request.url === "/emit") return emit(response);
  const body = bodyOf(Number(request.url.slice(1)) || 1);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.byteLength }).end(body);
});
server.listen(Number(port), "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
