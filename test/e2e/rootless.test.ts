import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node, Pod, Service } from "@tskube/api";
import { expect } from "chai";
import { fetchClientTools } from "../../cli/src/kubectl/find-kubectl.ts";
import { toolCache } from "../framework/cluster.ts";
import { command, output, type Result } from "../framework/command.ts";
import { demoImage, writeDemoImage } from "../framework/demo-image.ts";
import { eventually } from "../framework/eventually.ts";
import { freePort } from "../framework/free-port.ts";
import { ask } from "../framework/traffic.ts";

const root = join(import.meta.dirname, "../..");
const user = "tskube-rootless";
const name = "rootless";
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

/** A server that answers with its host name; the machine's own Node.js runs it. */
const server = `console.log("serving"); require("http").createServer((_, answer) => answer.end(require("os").hostname())).listen(8080)`;

const deployment = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "kubia" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "kubia" } },
    template: {
      metadata: { labels: { app: "kubia" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          { name: "kubia", image: "host", imagePullPolicy: "IfNotPresent", command: [process.execPath, "-e", server] },
        ],
      },
    },
  },
});

describe("a cluster of an ordinary user", function () {
  this.timeout(60_000);
  this.bail(true); // each step stands on the one before
  let folder = "";
  let uid = 0;
  let kubectlPath = "";
  let nodePort = 0;

  const asUser = (argv: readonly string[], timeoutMs = 60_000): Promise<Result> =>
    command(["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--", ...argv], {
      env: { HOME: folder, TSKUBE_HOME: join(folder, "home"), KUBECONFIG: join(folder, "kubeconfig") },
      timeoutMs,
    });
  const tskube = (...args: string[]): Promise<Result> =>
    asUser([process.execPath, join(root, "dist", "tskube.cjs"), ...args, "--name", name]);
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    output([kubectlPath, "--kubeconfig", join(folder, "kubeconfig"), ...args], input === undefined ? {} : { input });
  const get = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(await kubectl(["get", ...args, "-o", "json"])) as T;
  const pods = async (): Promise<Pod[]> => (await get<{ items: Pod[] }>("pods", "-l", "app=kubia")).items;

  before(async function () {
    if (!isRoot) this.skip(); // making a user needs root
    this.timeout(240_000);
    kubectlPath = (await fetchClientTools("35", toolCache, () => {})).kubectl;
    await output([join(root, "tskube"), "--help"], { timeoutMs: 180_000 }); // builds what is stale, which the user may not
    await command(["userdel", user]);
    await output(["useradd", "--no-create-home", user]);
    uid = Number(await output(["id", "-u", user]));
    folder = mkdtempSync(join(tmpdir(), "tsr-"));
    chownSync(folder, uid, uid);
    chmodSync(folder, 0o711);
  });

  after(async () => {
    if (!folder) return;
    await tskube("down", "--delete").catch(() => {});
    for (const pid of processesOf(uid)) process.kill(pid, "SIGKILL");
    await output(["userdel", user]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("comes up without root, and says what it is", async () => {
    const result = await tskube("up", "--port", String(await freePort()), "--kubeconfig", join(folder, "kubeconfig"));
    expect(result.code, result.stderr + result.stdout).to.equal(0);
    expect(result.stderr + result.stdout).to.contain("you are not root");
    const { items } = await get<{ items: Node[] }>("nodes");
    expect(items.map(({ metadata }) => metadata.name)).to.deep.equal(["control-plane"]);
  });

  it("runs pods from the machine's own files, with logs and exec", async () => {
    await kubectl(["apply", "-f", "-"], deployment);
    await kubectl(["rollout", "status", "deployment/kubia", "--timeout=30s"]);
    expect(await kubectl(["logs", "deployment/kubia"])).to.equal("serving\n");
    const [pod] = await pods();
    expect(await kubectl(["exec", "deployment/kubia", "--", "hostname"])).to.equal(`${pod?.metadata.name}\n`);
    const inside = "touch /etc/mine /tmp/mine && test ! -e /proc/2/fd && cat /proc/1/comm";
    expect(await kubectl(["exec", "deployment/kubia", "--", "sh", "-c", inside])).to.equal("node\n");
  });

  it("gives every pod an address and ports of its own", async () => {
    await kubectl(["scale", "deployment", "kubia", "--replicas=3"]);
    await kubectl(["rollout", "status", "deployment/kubia", "--timeout=30s"]);
    const all = await pods();
    expect(new Set(all.map(({ status }) => status?.podIP)).size).to.equal(3);
    for (const { metadata, status } of all)
      await eventually(async () => expect(await ask(`http://${status?.podIP}:8080`)).to.equal(metadata.name));
  });

  it("exposes them at the node port, and at the cluster IP from the node and from pods", async () => {
    await kubectl(["expose", "deployment", "kubia", "--port", "8080", "--type", "NodePort"]);
    const service = await get<Service>("service", "kubia");
    nodePort = service.spec?.ports?.[0]?.nodePort ?? 0;
    const names = (await pods()).map(({ metadata }) => metadata.name).sort();
    await eventually(async () => {
      const seen = new Set<string>();
      for (let count = 0; count < 12; count++) seen.add(await ask(`http://127.0.0.1:${nodePort}`));
      expect([...seen].sort()).to.deep.equal(names);
    });
    const url = `http://${service.spec?.clusterIP}:8080`;
    expect(await ask(url)).to.be.oneOf(names);
    const fetchIt = `fetch(${JSON.stringify(url)}).then((answer) => answer.text()).then((text) => console.log(text))`;
    const fromPod = await kubectl(["exec", "deployment/kubia", "--", process.execPath, "-e", fetchIt]);
    expect(fromPod.trim()).to.be.oneOf(names);
  });

  it("restarts a killed program in place", async () => {
    const [application] = processesOf(uid).filter((pid) =>
      commandLine(pid).startsWith(`${process.execPath}\0-e\0${server}`),
    );
    expect(application).to.be.a("number");
    if (application !== undefined) process.kill(application, "SIGKILL");
    await eventually(async () => {
      const counts = (await pods()).map(({ status }) => status?.containerStatuses?.[0]?.restartCount);
      expect(counts.sort()).to.deep.equal([0, 0, 1]);
      const ready = (await pods()).filter(({ status }) => status?.containerStatuses?.[0]?.ready);
      expect(ready).to.have.length(3);
    });
  });

  it("keeps its pods when the runtime is killed", async () => {
    const before = (await pods()).map(({ status }) => status?.containerStatuses?.[0]?.containerID).sort();
    const [runtime] = processesOf(uid).filter((pid) => commandLine(pid).includes("runtime-process.cjs"));
    if (runtime !== undefined) process.kill(runtime, "SIGKILL");
    await eventually(async () => {
      const [again] = processesOf(uid).filter((pid) => commandLine(pid).includes("runtime-process.cjs"));
      expect(again).to.be.a("number").and.not.equal(runtime);
    });
    await eventually(() => ask(`http://127.0.0.1:${nodePort}`));
    const after = (await pods()).map(({ status }) => status?.containerStatuses?.[0]?.containerID).sort();
    expect(after).to.deep.equal(before);
  });

  it("runs an image that was loaded, as another user", async () => {
    const archive = join(folder, "image.tar");
    await writeDemoImage(archive, "1");
    chownSync(archive, uid, uid);
    const loaded = await tskube("image", "load", archive);
    expect(loaded.stdout, loaded.stderr).to.contain(demoImage("1"));
    const securityContext = { runAsUser: 1234, runAsGroup: 1234 };
    const overrides = { spec: { automountServiceAccountToken: false, securityContext } };
    const run = ["run", "loaded", `--image=${demoImage("1")}`, "--image-pull-policy=Never", "--restart=Never"];
    await kubectl([...run, `--overrides=${JSON.stringify(overrides)}`]);
    await kubectl(["wait", "--for=condition=Ready", "pod/loaded", "--timeout=20s"]);
    const uids = await kubectl(["exec", "loaded", "--", "sh", "-c", "grep Uid: /proc/self/status"]);
    expect(uids.split(/\s+/)[1]).to.equal("1234");
    const { status } = await get<Pod>("pod", "loaded");
    await eventually(() => ask(`http://${status?.podIP}:8080`));
  });

  it("leaves nothing behind", async () => {
    const result = await tskube("down", "--delete");
    expect(result.code, result.stderr + result.stdout).to.equal(0);
    await eventually(() => expect(processesOf(uid).map(commandLine)).to.deep.equal([]), 5_000);
    expect(readdirSync(join(folder, "home"))).to.deep.equal([]);
  });
});

/** The living processes of a user. */
function processesOf(uid: number): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return statSync(`/proc/${pid}`).uid === uid && commandLine(pid) !== "";
      } catch {
        return false; // ended in this moment
      }
    });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
