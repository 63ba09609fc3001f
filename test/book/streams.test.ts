import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { Exec, KubeConfig, Log, type V1Status } from "@kubernetes/client-node";
import { expect } from "chai";
import { WebSocket } from "ws";
import type { KubernetesMinor } from "../../cli/src/kubectl/find-kubectl.ts";
import { clientTools } from "../framework/client-tools.ts";
import type { TestCluster } from "../framework/cluster.ts";
import { command } from "../framework/command.ts";
import { eventually } from "../framework/eventually.ts";
import { bookCluster, canRunClusters, end, podManifest, startKubectl } from "./book-cluster.ts";

const namespace = "streams";
const server =
  'mkdir -p /tmp/www && echo "hello" > /tmp/www/index.html && echo ready && busybox httpd -f -p 80 -h /tmp/www';

/** What goes both ways between a client and a container, as each client opens it. */
describe("streams of a running pod", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  before(async function () {
    if (!canRunClusters) this.skip();
    this.timeout(240_000);
    cluster = await bookCluster();
    await cluster.get("create", "namespace", namespace);
    await eventually(() => cluster.get("get", "serviceaccount", "default", "-n", namespace));
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], { input: podManifest("target", server) });
    await cluster.get("wait", "-n", namespace, "pod/target", "--for=condition=Ready", "--timeout=30s");
  });
  after(() => cluster?.get("delete", "namespace", namespace, "--wait=false"));

  for (const minor of ["33", "34", "35"] satisfies KubernetesMinor[]) {
    it(`kubectl 1.${minor} runs commands, copies files and reads logs`, async () => {
      const tools = await clientTools(minor, cluster.kubeconfig);
      const run = (args: readonly string[], input?: string) => tools.kubectl(["-n", namespace, ...args], input);
      const failed = await run(["exec", "target", "--", "sh", "-c", "echo out; echo err >&2; exit 3"]);
      expect([failed.code, failed.stdout]).to.deep.equal([3, "out\n"]);
      expect(failed.stderr).to.equal("err\ncommand terminated with exit code 3\n");
      expect((await run(["exec", "-i", "target", "--", "cat"], "through and through")).stdout).to.equal(
        "through and through",
      );
      expect((await run(["cp", "target:/tmp/www/index.html", `/tmp/tsk-copied-${minor}`])).code).to.equal(0);
      const copied = await command(["cat", `/tmp/tsk-copied-${minor}`]);
      await command(["rm", "-f", `/tmp/tsk-copied-${minor}`]);
      expect(copied.stdout).to.equal("hello\n");
      expect((await run(["logs", "target"])).stdout).to.equal("ready\n");
      tools.close();
    });
  }

  it("kubectl runs commands and forwards ports over SPDY, as before WebSocket", async () => {
    const env = {
      KUBECONFIG: cluster.kubeconfig,
      KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false",
      KUBECTL_PORT_FORWARD_WEBSOCKETS: "false",
    };
    const args = ["exec", "-n", namespace, "-i", "-v=7", "target", "--", "cat"];
    const input = "over spdy ".repeat(100_000); // more than a window that nobody opens would let through
    const { code, stdout, stderr } = await command(cluster.kubectlCommand(args), { env, input });
    expect([code, stdout === input]).to.deep.equal([0, true]);
    expect(stderr).to.match(/POST.*\/exec\?|verb="POST" url="[^"]*\/exec\?/);
  });

  it("kubectl attaches to a container that reads its input", async () => {
    const containers = [
      { name: "main", image: "host", stdin: true, command: ["sh", "-c", "read line; echo got $line"] },
    ];
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], {
      input: podManifest("reads", "", { containers, restartPolicy: "Never" }),
    });
    await cluster.get("wait", "-n", namespace, "pod/reads", "--for=condition=Ready", "--timeout=30s");
    const attach = ["attach", "-n", namespace, "-i", "-q", "reads"];
    await cluster.kubectl(attach, { input: "this\n" });
    await eventually(async () => expect(await cluster.get("logs", "-n", namespace, "reads")).to.contain("got this"));
  });

  it("client-node runs commands and follows logs", async () => {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    let printed = "";
    const sink = () =>
      new Writable({
        write(chunk, _encoding, done) {
          printed += chunk;
          done();
        },
      });
    const status = await new Promise<V1Status>((resolve, reject) => {
      const commandLine = ["sh", "-c", "echo from exec; exit 4"];
      new Exec(config)
        .exec(namespace, "target", "main", commandLine, sink(), sink(), null, false, resolve)
        .catch(reject);
    });
    expect(printed).to.equal("from exec\n");
    expect(status).to.include({ status: "Failure", reason: "NonZeroExitCode" });
    printed = "";
    const manifest = podManifest("ends", "echo first; sleep 1; echo last", { restartPolicy: "Never" });
    await cluster.kubectl(["apply", "-n", namespace, "-f", "-"], { input: manifest });
    await eventually(() => new Log(config).log(namespace, "ends", "main", sink(), { follow: true }));
    await eventually(() => expect(printed).to.equal("first\nlast\n"));
  });

  describe("a browser", () => {
    let url: string;
    let token: string;
    before(async () => {
      const { clusters } = await cluster.json<{ clusters: { cluster: { server: string } }[] }>("config", "view");
      url = (clusters[0]?.cluster.server ?? "").replace(/^https/, "wss");
      await cluster.get("create", "serviceaccount", "browser", "-n", namespace);
      token = await cluster.get("create", "token", "browser", "-n", namespace);
    });

    /** A browser can set no header: its token comes as one of the protocols it offers. */
    const open = (protocol: string): WebSocket => {
      const query = "command=cat&container=main&stdin=true&stdout=true&stderr=true";
      const path = `/api/v1/namespaces/${namespace}/pods/target/exec?${query}`;
      const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
      return new WebSocket(`${url}${path}`, [bearer, protocol], { rejectUnauthorized: false });
    };
    const grant = (verb: string) =>
      cluster
        .get("create", "role", `exec-${verb}`, "-n", namespace, `--verb=${verb}`, "--resource=pods/exec,pods")
        .then(() =>
          cluster.get(
            "create",
            "rolebinding",
            `exec-${verb}`,
            "-n",
            namespace,
            `--role=exec-${verb}`,
            `--serviceaccount=${namespace}:browser`,
          ),
        );
    const refusal = () =>
      new Promise<number | undefined>((resolve, reject) => {
        const socket = open("v4.channel.k8s.io");
        socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
        socket.once("open", () => reject(new Error("it was let in")));
        socket.once("error", () => {});
      });

    it("may not run commands with the right to read alone, though it opens them by a GET", async () => {
      await grant("get");
      expect(await refusal()).to.equal(403);
    });

    it("runs commands with its token among the protocols, which no answer repeats", async () => {
      await grant("create");
      for (const protocol of ["v4.channel.k8s.io", "v5.channel.k8s.io"]) {
        const socket = await eventually(
          () =>
            new Promise<WebSocket>((resolve, reject) => {
              const opened = open(protocol);
              opened.once("open", () => resolve(opened)).once("error", reject);
            }),
        );
        expect(socket.protocol).to.equal(protocol);
        const echoed = new Promise<string>((resolve) => {
          socket.on("message", (data: Buffer) => {
            if (data[0] === 1 && data.length > 1) resolve(data.subarray(1).toString());
          });
        });
        socket.send(Buffer.concat([Buffer.from([0]), Buffer.from("typed")]));
        expect(await echoed).to.equal("typed");
        socket.terminate();
      }
    });
  });

  it("carries megabytes through forwarded ports intact, several connections at once", async () => {
    const make = "head -c 8000000 /dev/urandom > /tmp/www/big; sha256sum < /tmp/www/big | cut -d' ' -f1";
    const expected = await cluster.get("exec", "-n", namespace, "target", "--", "sh", "-c", make);
    const forward = await startKubectl(
      cluster,
      ["port-forward", "-n", namespace, "pod/target", ":80"],
      /127\.0\.0\.1:(\d+) -> 80/,
    );
    const sums = await Promise.all(
      [1, 2, 3].map(async () => {
        const body = await (await fetch(`http://127.0.0.1:${forward.line[1]}/big`)).arrayBuffer();
        return createHash("sha256").update(new Uint8Array(body)).digest("hex");
      }),
    );
    expect(sums).to.deep.equal([expected, expected, expected]);
    await end(forward.child);
  });

  it("kubectl is told that nobody listens at a forwarded port", async () => {
    const args = ["port-forward", "-n", namespace, "pod/target", ":81"];
    const forward = await startKubectl(cluster, args, /127\.0\.0\.1:(\d+) -> 81/);
    await fetch(`http://127.0.0.1:${forward.line[1]}/`).then(
      () => Promise.reject(new Error("somebody answered")),
      () => undefined,
    );
    await eventually(() => expect(forward.output()).to.contain("error forwarding port 81 to pod"));
    await end(forward.child);
  });
});
