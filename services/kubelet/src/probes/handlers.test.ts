import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CriError } from "@tskube/cri";
import { expect } from "chai";
import { createProbeHandler } from "./handlers.ts";

const exited = (exitCode: number, stdout: string) => ({
  exitCode,
  stdout: Buffer.from(stdout),
  stderr: Buffer.alloc(0),
});

describe("probe handlers", () => {
  let server: Server;
  let port: number;
  const seen: { url: string | undefined; agent: string | undefined; host: string | undefined }[] = [];

  before(async () => {
    server = createServer(({ url, headers }, response) => {
      seen.push({ url, agent: headers["user-agent"], host: headers.host });
      const status = url === "/redirect" ? 302 : Number(url?.slice(1)) || 200;
      response.writeHead(status, status === 302 ? { location: "/200" } : {}).end("body");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });

  after(() => new Promise((resolve) => server.close(resolve)));

  const container = { name: "main", ports: [] as { name: string; containerPort: number }[] };
  const target = { container, containerId: "c1", podIp: "127.0.0.1" };
  const runtime = (answer: () => Promise<ReturnType<typeof exited>>) => ({ execSync: answer });
  const probe = createProbeHandler({ runtime: runtime(async () => exited(0, "")), userAgent: "kube-probe/1.35" });

  it("take 200 to 399 for success and tell the code of anything else", async () => {
    expect(await probe({ httpGet: { path: "/204", port } }, target)).to.deep.equal({ result: "success", output: "" });
    expect(await probe({ httpGet: { path: "/redirect", port } }, target)).to.deep.include({ result: "success" });
    expect(await probe({ httpGet: { path: "/503", port } }, target)).to.deep.equal({
      result: "failure",
      output: "HTTP probe failed with statuscode: 503",
    });
  });

  it("send the probe's headers and user agent", async () => {
    await probe({ httpGet: { path: "/200", port, httpHeaders: [{ name: "Host", value: "example.com" }] } }, target);
    expect(seen.at(-1)).to.deep.equal({ url: "/200", agent: "kube-probe/1.35", host: "example.com" });
  });

  it("find ports by name, and say so when there is none", async () => {
    container.ports = [{ name: "web", containerPort: port }];
    expect((await probe({ httpGet: { port: "web" } }, target)).result).to.equal("success");
    expect(await probe({ httpGet: { port: "none" } }, target)).to.deep.equal({
      result: "failure",
      output: `couldn't find port: "none" in main`,
      isError: true,
    });
  });

  it("tell refused connections in Go's words", async () => {
    const { output } = await probe({ httpGet: { path: "/x", port: 1 } }, target);
    expect(output).to.equal('Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused');
    expect(await probe({ tcpSocket: { port: 1 } }, target)).to.deep.equal({
      result: "failure",
      output: "dial tcp 127.0.0.1:1: connect: connection refused",
    });
    expect((await probe({ tcpSocket: { port } }, target)).result).to.equal("success");
  });

  it("run commands and judge them by their exit code", async () => {
    const failing = createProbeHandler({ runtime: runtime(async () => exited(1, "broken")), userAgent: "" });
    expect(await failing({ exec: { command: ["check"] } }, target)).to.deep.equal({
      result: "failure",
      output: "broken",
    });
    const slow = createProbeHandler({
      runtime: runtime(() => Promise.reject(new CriError("DEADLINE_EXCEEDED", "late"))),
      userAgent: "",
    });
    expect((await slow({ exec: { command: ["sleep", "5"] }, timeoutSeconds: 2 }, target)).output).to.equal(
      'command timed out: "sleep 5" timed out after 2s',
    );
  });
});
