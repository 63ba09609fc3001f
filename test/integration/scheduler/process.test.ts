import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@tskube/client";
import { expect } from "chai";
import { stringify } from "yaml";
import { freePort } from "../../framework/free-port.ts";
import { makeAuthority, tokenSigningKey } from "../security/certificates.ts";

const mainOf = (service: string) => fileURLToPath(new URL(`../../../services/${service}/src/main.ts`, import.meta.url));
const amounts = { cpu: "64", memory: "64Gi", pods: "110" };

describe("the scheduler as a process", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "tskube-scheduler-"));
  const processes: ChildProcess[] = [];
  let admin: Client;
  let schedulerFlags: string[];
  let apiserverFlags: string[];
  let schedulerPort: number;
  let adminPair: { readonly cert: string; readonly key: string };

  before(async () => {
    const authority = await makeAuthority("test-ca");
    const port = await freePort();
    schedulerPort = await freePort();
    const file = (name: string, content: string) => {
      const path = join(directory, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    const serving = await authority.issue("CN=kube-apiserver");
    const ca = file("ca.crt", authority.cert);
    apiserverFlags = [
      `--store-dir=${join(directory, "store")}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      `--tls-cert-file=${file("server.crt", serving.cert)}`,
      `--tls-private-key-file=${file("server.key", serving.key)}`,
      `--client-ca-file=${ca}`,
      `--service-account-signing-key-file=${file("sa.key", tokenSigningKey())}`,
    ];
    const server = `https://127.0.0.1:${port}`;
    const own = await authority.issue("CN=system:kube-scheduler");
    const user = {
      "client-certificate": file("scheduler.crt", own.cert),
      "client-key": file("scheduler.key", own.key),
    };
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: { server, "certificate-authority": ca } }],
      users: [{ name: "scheduler", user }],
      contexts: [{ name: "test", context: { cluster: "test", user: "scheduler" } }],
      "current-context": "test",
    };
    schedulerFlags = [
      `--kubeconfig=${file("scheduler.conf", stringify(kubeconfig))}`,
      `--secure-port=${schedulerPort}`,
      `--client-ca-file=${ca}`,
      "--leader-elect-lease-duration=3s",
      "--leader-elect-renew-deadline=2s",
      "--leader-elect-retry-period=500ms",
    ];
    const { cert, key } = await authority.issue("CN=admin, O=system:masters");
    adminPair = { cert, key };
    const tls = () => ({ ca: authority.cert, cert, key });
    admin = createClient({ server, tls, namespace: "default" }, { userAgent: "test", qps: -1 });
  });

  after(async () => {
    admin.close();
    for (const child of processes) await stop(child, "SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  it("places every pod once, though it and the apiserver are killed meanwhile", async () => {
    let apiserver = start("apiserver", apiserverFlags);
    await until(() => admin.configmaps("kube-system").get("extension-apiserver-authentication"));
    await until(() => admin.serviceaccounts("default").create({ metadata: { name: "default" } }));
    for (const name of ["n1", "n2"]) {
      await admin.nodes().create({ metadata: { name }, spec: {}, status: { allocatable: amounts, capacity: amounts } });
      await admin.nodes().patch(name, { spec: { taints: null } });
    }
    let scheduler = start("scheduler", schedulerFlags);
    await createPods("early", 20);
    await allPlaced(1);
    await stop(scheduler, "SIGKILL");
    await createPods("later", 20);
    scheduler = start("scheduler", schedulerFlags);
    await stop(apiserver, "SIGKILL");
    apiserver = start("apiserver", apiserverFlags);
    await allPlaced(40);
    await metricsAreGuarded();
    const { items: leases } = await admin.leases("kube-system").list();
    expect(leases.map(({ metadata }) => metadata.name)).to.include("kube-scheduler");
    const exit = await stop(scheduler, "SIGTERM");
    expect(exit).to.equal(0);
    await stop(apiserver, "SIGTERM");
  });

  /** Over TLS with a certificate of its own making: health for all, metrics for those whom the apiserver lets see them. */
  async function metricsAreGuarded(): Promise<void> {
    const get = (path: string, user = {}) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const options = {
          host: "127.0.0.1",
          port: schedulerPort,
          path,
          rejectUnauthorized: false,
          agent: false,
          ...user,
        };
        const call = request(options, (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            body += part;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        });
        call.on("error", reject).end();
      });
    expect(await get("/healthz")).to.deep.equal({ status: 200, body: "ok" });
    const refused = await get("/metrics");
    expect(refused.status).to.equal(403);
    expect(refused.body).to.contain('User \\"system:anonymous\\" cannot get path \\"/metrics\\"');
    const seen = await get("/metrics", adminPair);
    expect(seen.status).to.equal(200);
    expect(seen.body).to.contain("scheduler_");
  }

  async function createPods(prefix: string, count: number): Promise<void> {
    const spec = { containers: [{ name: "app", image: "app", resources: { requests: { cpu: "100m" } } }] };
    for (let i = 0; i < count; i++) await admin.pods("default").create({ metadata: { name: `${prefix}-${i}` }, spec });
  }

  function allPlaced(atLeast: number): Promise<unknown> {
    return until(async () => {
      const { items } = await admin.pods("default").list();
      const waiting = items.filter(({ spec }) => !spec?.nodeName);
      if (items.length < atLeast || waiting.length > 0) throw new Error(`${waiting.length} of ${items.length} wait`);
    });
  }

  function start(service: string, flags: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, ["--import", "tsx", mainOf(service), ...flags], { stdio: "ignore" });
    processes.push(child);
    return child;
  }
});

/** Sends the signal and resolves with the exit code. */
function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill(signal);
  });
}

/** Tries until it works; the test's own time-out bounds it. */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
