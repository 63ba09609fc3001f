import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { closeIdleSessions } from "./idle-sessions.ts";

describe("idle HTTP/2 connections", () => {
  let server: Http2Server;
  let clients: ClientHttp2Session[];
  beforeEach(async () => {
    clients = [];
    server = createServer();
    closeIdleSessions(server, 40);
    // Headers at once, and an end that never comes: as a quiet watch.
    server.on("stream", (stream) => stream.respond({ ":status": 200 }));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  const open = () => {
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    clients.push(client);
    return client;
  };

  it("are closed, but not while something streams over them", async () => {
    const watching = open();
    const stream = watching.request({ ":path": "/" });
    await once(stream, "response");
    // Two that come one after the other: by the end of the second the first connection was quiet for twice the time.
    for (let n = 0; n < 2; n++) await once(open(), "close");
    expect([watching.closed, watching.destroyed, stream.destroyed]).to.deep.equal([false, false, false]);
    stream.close();
    await once(watching, "close");
  });
});
