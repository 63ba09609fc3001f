import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import type { ServicePort } from "../../model/service-port.ts";
import { aServicePort } from "../../model/testing.ts";
import { createUserspaceBackend } from "./userspace.ts";

/** Cluster IPs that every Linux machine has. */
const clusterIP = "127.96.0.7";

async function startNamed(name: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on("error", () => {}).end(name));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    connect({ host: clusterIP, port })
      .on("data", (part) => {
        text += part;
      })
      .on("end", () => resolve(text))
      .on("error", (error) => resolve((error as NodeJS.ErrnoException).code ?? ""));
  });
}

async function freePort(): Promise<number> {
  const { server, port } = await startNamed("");
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("userspace backend", () => {
  const signal = new AbortController().signal;
  const endpoint = (port: number) => ({ address: "127.0.0.1", port, isLocal: true });

  before(function () {
    if (process.platform !== "linux") this.skip(); // only Linux has all of 127.0.0.0/8
  });

  it("carries connections to each endpoint in turn, follows changes and stops listening with the service", async () => {
    const [a, b, port] = [await startNamed("a"), await startNamed("b"), await freePort()];
    const backend = createUserspaceBackend({ clock: new FakeClock(), logger: silentLogger });
    const service = (...ports: number[]): ServicePort =>
      aServicePort({ clusterIP, port, clusterEndpoints: ports.map(endpoint) });
    try {
      await backend.sync([service(a.port, b.port)], signal);
      expect([await ask(port), await ask(port)].sort()).to.deep.equal(["a", "b"]);
      await backend.sync([service(b.port)], signal);
      expect([await ask(port), await ask(port)]).to.deep.equal(["b", "b"]);
      await backend.sync([service()], signal);
      expect(await ask(port)).to.equal("ECONNRESET");
      await backend.sync([], signal);
      expect(await ask(port)).to.equal("ECONNREFUSED");
    } finally {
      await backend.close();
      a.server.close();
      b.server.close();
    }
  });

  it("passes over an endpoint that does not accept", async () => {
    const [a, dead, port] = [await startNamed("a"), await freePort(), await freePort()];
    const backend = createUserspaceBackend({ clock: new FakeClock(), logger: silentLogger });
    try {
      await backend.sync(
        [aServicePort({ clusterIP, port, clusterEndpoints: [endpoint(dead), endpoint(a.port)] })],
        signal,
      );
      expect([await ask(port), await ask(port), await ask(port)]).to.deep.equal(["a", "a", "a"]);
    } finally {
      await backend.close();
      a.server.close();
    }
  });

  it("carries datagrams and their answers and forgets silent clients", async () => {
    const clock = new FakeClock();
    const echo = createSocket("udp4").on("message", (message, from) =>
      echo.send(`echo ${message}`, from.port, from.address),
    );
    echo.bind(0, "127.0.0.1");
    await once(echo, "listening");
    const port = await freePort();
    const backend = createUserspaceBackend({ clock, logger: silentLogger });
    const client = createSocket("udp4");
    try {
      await backend.sync(
        [aServicePort({ clusterIP, port, protocol: "UDP", clusterEndpoints: [endpoint(echo.address().port)] })],
        signal,
      );
      client.send("hi", port, clusterIP);
      const [answer] = await once(client, "message");
      expect(String(answer)).to.equal("echo hi");
      expect(clock.pending).to.equal(1);
      await clock.advance(60_000);
      expect(clock.pending).to.equal(0);
    } finally {
      client.close();
      echo.close();
      await backend.close();
    }
  });
});
