import type { ClientRequestArgs } from "node:http";
import { join } from "node:path";
import { ContainerState, type ExecOptions } from "@tskube/cri";
import { type SuitePod, startPod } from "@tskube/cri/testing";
import { expect } from "chai";
import { WebSocket } from "ws";
import { cannotRun, type ProcessNode, startProcessNode } from "./process-runtime.ts";

const why = cannotRun();
const all: ExecOptions = { tty: false, stdin: true, stdout: true, stderr: true };
const terminal: ExecOptions = { tty: true, stdin: true, stdout: true, stderr: false };
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** One session as a client sees it: what came on each channel, by number. */
interface Heard {
  readonly channels: readonly string[];
  readonly protocol: string;
}

(why ? describe.skip : describe)(`process runtime's sessions${why ? ` (${why})` : ""}`, () => {
  let node: ProcessNode;
  let pod: SuitePod;
  before(async () => {
    node = await startProcessNode();
    const features = { events: true, processes: true };
    const logRoot = join(node.dir, "logs");
    pod = await startPod({ client: node.client, image: "host", logRoot, features, close: async () => {} });
  });
  after(() => node.close());

  const runtime = () => node.client.runtime;
  const session = (url: string, speak: (socket: WebSocket) => void = () => {}, offered = protocols) =>
    new Promise<Heard>((resolve, reject) => {
      const channels = ["", "", "", ""];
      const socket = new WebSocket(url, offered, {
        createConnection: ({ port }: ClientRequestArgs) => node.connect({ port: port ?? null }),
      });
      socket.on("open", () => speak(socket));
      socket.on("message", (data: Buffer) => {
        channels[data[0] ?? 0] += data.subarray(1).toString("latin1");
      });
      socket.on("close", () => resolve({ channels, protocol: socket.protocol }));
      socket.on("error", reject);
    });
  const send = (socket: WebSocket, channel: number, text: string) =>
    socket.send(Buffer.from([channel, ...Buffer.from(text)]));
  const exitCode = ({ channels }: Heard): string | undefined =>
    /"reason":"ExitCode","message":"(\d+)"/.exec(channels[3] ?? "")?.[1];

  it("runs a command with all its streams, and knows the end of its input", async () => {
    const id = await pod.start("obedient");
    const heard = await session(await runtime().exec(id, ["sh", "-c", "cat; echo err >&2; exit 7"], all), (socket) => {
      send(socket, 0, "hello");
      socket.send(Buffer.from([255, 0]));
    });
    expect(heard.protocol).to.equal("v5.channel.k8s.io");
    expect(heard.channels.slice(1, 3)).to.deep.equal(["hello", "err\n"]);
    expect(exitCode(heard)).to.equal("7");
  });

  it("gives a command a terminal of the client's size", async () => {
    const id = await pod.start("obedient");
    const script = "while [ \"$(stty size)\" = '0 0' ]; do sleep 0.02; done; stty size; exit 3";
    const heard = await session(await runtime().exec(id, ["sh", "-c", script], terminal), (socket) =>
      send(socket, 4, '{"Width":91,"Height":33}'),
    );
    expect(heard.channels[1]).to.contain("33 91");
    expect(exitCode(heard)).to.equal("3");
  });

  it("uses a session's URL once", async () => {
    const id = await pod.start("obedient");
    const url = await runtime().exec(id, ["true"], all);
    await session(url);
    const error = await session(url).catch((thrown: unknown) => String(thrown));
    expect(error).to.contain("404");
  });

  it("attaches to a container that reads its input once, and ends it with the client's", async () => {
    const id = await pod.start("obedient", { command: ["cat"], stdin: true, stdinOnce: true });
    const heard = await session(await runtime().attach(id, all), (socket) => {
      send(socket, 0, "echoed\n");
      socket.send(Buffer.from([255, 0]));
    });
    const status = await pod.exited(id);
    expect(status.state).to.equal(ContainerState.CONTAINER_EXITED);
    expect(status.exitCode).to.equal(0);
    expect(heard.channels[1] === "echoed\n" || (await pod.log(id)).includes("F echoed")).to.equal(true);
  });

  it("forwards a port of the pod's loopback, and says when nobody listens there", async () => {
    const listener = `require("node:net").createServer((s) => s.end("hello")).listen(8123, "127.0.0.1", () => console.log("up"))`;
    const id = await pod.start("obedient", { command: ["node", "-e", listener] });
    while (!(await pod.log(id).catch(() => "")).includes("up")) await new Promise((wake) => setTimeout(wake, 20));
    const v4 = ["v4.channel.k8s.io"];
    const heard = await session(`${await runtime().portForward(pod.sandboxId, [8123])}?port=8123`, undefined, v4);
    expect(heard.channels[0]?.slice(2)).to.equal("hello");
    const refused = await session(`${await runtime().portForward(pod.sandboxId, [8124])}?port=8124`, undefined, v4);
    expect(refused.channels[1]).to.contain("ECONNREFUSED");
  });
});
