import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { systemClock } from "@tskube/base";
import { httpsTransport, readBody, type TlsMaterial, type Transport } from "@tskube/client";
import { type TestAuthority, testAuthority } from "@tskube/component/testing";
import { expect } from "chai";

/** Answers with the protocol and the client's common name. */
function answer(request: { socket: Socket; httpVersion: string }, response: { end(text: string): unknown }): void {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  response.end(`${request.httpVersion} ${subject?.CN ?? "nobody"}`);
}

describe("client over TLS", () => {
  let authority: TestAuthority;
  let server: Server;
  let transport: Transport | undefined;
  const sockets = new Set<Socket>();
  before(async () => {
    authority = await testAuthority();
  });
  afterEach(() => {
    transport?.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  async function serve(isHttp2: boolean, port = 0): Promise<number> {
    const options = {
      ...(await authority.issue("server")),
      ca: authority.ca,
      requestCert: true,
      rejectUnauthorized: false,
      allowHTTP1: true,
    };
    server = isHttp2 ? createSecureServer(options, answer as never) : createServer(options, answer as never);
    server.on("secureConnection", (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }
  async function ask(): Promise<string> {
    const response = await transport?.send({ method: "GET", path: "/", headers: {} });
    return response ? (await readBody(response.body, 1000)).toString() : "";
  }
  const open = (port: number, tls: () => TlsMaterial) =>
    httpsTransport({ server: `https://127.0.0.1:${port}`, tls, clock: systemClock });

  for (const [isHttp2, version] of [
    [true, "2.0"],
    [false, "1.1"],
  ] as const) {
    it(`speaks HTTP/${version} where the server does, and takes up a renewed certificate`, async () => {
      const port = await serve(isHttp2);
      let material: TlsMaterial = { ca: authority.ca, ...(await authority.issue("first")) };
      transport = open(port, () => material);
      expect(await Promise.all([ask(), ask(), ask()])).to.deep.equal(Array(3).fill(`${version} first`));
      if (isHttp2) expect(sockets.size).to.equal(1);
      material = { ca: authority.ca, ...(await authority.issue("second")) };
      expect(await ask()).to.equal(`${version} second`);
    });

    it(`comes back after a restart of the HTTP/${version} server`, async () => {
      const port = await serve(isHttp2);
      const material = { ca: authority.ca };
      transport = open(port, () => material);
      expect(await ask()).to.contain("nobody");
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      expect(await ask().catch((error: unknown) => error)).to.be.instanceOf(Error);
      await serve(isHttp2, port);
      expect(await ask()).to.contain("nobody");
    });
  }

  it("trusts nobody but the given authority, unless told to", async () => {
    const port = await serve(true);
    const strange = { ca: (await testAuthority()).ca };
    transport = open(port, () => strange);
    expect(await ask().catch((error: unknown) => String(error))).to.match(/certificate|signature/);
    transport.close();
    const insecure = { insecure: true };
    transport = open(port, () => insecure);
    expect(await ask()).to.equal("2.0 nobody");
  });
});
