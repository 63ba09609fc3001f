import { once } from "node:events";
import { type ClientHttp2Stream, connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Exchange } from "./exchange.ts";
import { requestListener } from "./handle-exchange.ts";

/** Serves one HTTP/2 request with `handle` and hands its exchange and the client's stream to `check`. */
async function overHttp2(
  handle: (exchange: Exchange) => void,
  check: (exchange: Exchange, stream: ClientHttp2Stream) => Promise<void>,
) {
  let seen: (exchange: Exchange) => void = () => {};
  const arrived = new Promise<Exchange>((resolve) => {
    seen = resolve;
  });
  const server = createServer(
    requestListener(({ exchange }) => {
      handle(exchange);
      seen(exchange);
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = client.request({ ":path": "/" });
  stream.on("error", () => {});
  try {
    await check(await arrived, stream);
  } finally {
    client.destroy();
    server.close();
  }
}

describe("Exchange over HTTP/2", () => {
  it("tells when a client reads too slowly, and when it reads on", async () => {
    const big = Buffer.alloc(1024 * 1024);
    await overHttp2(
      (exchange) => exchange.begin(200, {}),
      async (exchange, stream) => {
        stream.pause();
        expect(exchange.write(big)).to.equal(false);
        expect(exchange.pendingBytes).to.be.greaterThan(0);
        let isDrained = false;
        const drained = exchange.drained().then(() => {
          isDrained = true;
        });
        await new Promise((resolve) => setImmediate(resolve));
        expect(isDrained).to.equal(false);
        stream.resume();
        await drained;
      },
    );
  });

  it("aborts its signal when the client goes", async () => {
    await overHttp2(
      (exchange) => exchange.begin(200, {}),
      async (exchange, stream) => {
        const { signal } = exchange;
        const aborted = once(signal, "abort");
        stream.destroy();
        await aborted;
        expect(exchange.isGone).to.equal(true);
        await exchange.drained();
      },
    );
  });

  it("leaves its signal alone when the client has the whole answer", async () => {
    await overHttp2(
      (exchange) => exchange.send(200, {}, "done"),
      async (exchange, stream) => {
        const { signal } = exchange;
        const closed = once(exchange.response, "close");
        stream.resume();
        await closed;
        expect(signal.aborted).to.equal(false);
      },
    );
  });
});
