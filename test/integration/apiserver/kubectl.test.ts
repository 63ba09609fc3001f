import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { options, run } from "@tskube/apiserver";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { parseConfig } from "@tskube/component";
import { expect } from "chai";
import { parse } from "yaml";
import { freePort } from "../../framework/free-port.ts";

/** The one of this machine, and those that the command line tool has fetched for its users. */
const cached = ["v1.33", "v1.34", "v1.35"].map((version) => join(homedir(), ".cache", "tskube", version, "kubectl"));
const installed = ["/usr/bin/kubectl", "/usr/local/bin/kubectl", ...cached].filter((path) => existsSync(path));
const kubectl = installed.at(-1);
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca");
  writeFileSync(join(folder, "ext"), "subjectAltName=IP:127.0.0.1");
  for (const [name, subject] of [
    ["server", "/CN=kube-apiserver"],
    ["admin", "/O=system:masters/CN=kubernetes-admin"],
  ] as const) {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
  }
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "sa.key");
}

describe("apiserver over TLS with kubectl", function () {
  this.timeout(60_000);
  const stop = new AbortController();
  let folder: string;
  let running: Promise<void>;

  before(async function () {
    if (!kubectl || !hasOpenssl) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "tskube-kubectl-"));
    makeCertificates(folder);
    const at = (name: string) => join(folder, name);
    const port = await freePort();
    const args = [
      `--secure-port=${port}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--store-dir=${at("store")}`,
      `--client-ca-file=${at("ca.crt")}`,
      `--tls-cert-file=${at("server.crt")}`,
      `--tls-private-key-file=${at("server.key")}`,
      `--service-account-signing-key-file=${at("sa.key")}`,
    ];
    const program = { name: "apiserver", description: "", version: "", options };
    const parsed = parseConfig(program, { args, env: {}, readFile: () => "", parseYaml: parse });
    if (parsed.kind !== "run") throw new Error("the flags should run a server");
    const deps = { clock: systemClock, logger: silentLogger, metrics: createMetrics({ processFigures: false }) };
    running = run(parsed.values, deps, stop.signal);
    const user = { "client-certificate": at("admin.crt"), "client-key": at("admin.key") };
    writeFileSync(
      at("kubeconfig"),
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          { name: "c", cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": at("ca.crt") } },
        ],
        users: [{ name: "u", user }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      }),
    );
    for (let tries = 0; (await call("get", "--raw", "/readyz")).code !== 0; tries++) {
      if (tries > 50) throw new Error("apiserver does not become ready");
    }
    // A controller's work, which does not run here.
    await call("create", "serviceaccount", "default");
  });

  after(async () => {
    stop.abort();
    await running;
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Runs kubectl beside the server, which lives in this very process. */
  const call = (...args: string[]) => callWith(kubectl ?? "", ...args);

  async function callWith(program: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const { execFile } = await import("node:child_process");
    return new Promise((resolve) => {
      const env = { ...process.env, KUBECONFIG: join(folder, "kubeconfig"), HOME: folder };
      execFile(program, args, { env, timeout: 20_000 }, (error, out, err) => {
        resolve({ code: error ? 1 : 0, out, err });
      });
    });
  }

  it("creates, shows, scales, exposes, labels, explains and deletes, without a warning", async () => {
    const manifest = join(folder, "map.yaml");
    writeFileSync(manifest, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: '1'}\n");
    const steps: [string[], RegExp][] = [
      [["create", "deployment", "kubia", "--image=kubia", "--replicas=2"], /deployment.apps\/kubia created/],
      [["get", "deploy,rs,po", "-o", "wide"], /kubia\s+0\/2\s+0\s+0\s+\d+s\s+kubia\s+kubia\s+app=kubia/],
      [["scale", "deployment", "kubia", "--replicas=3"], /scaled/],
      [["expose", "deployment", "kubia", "--port", "8080", "--type", "NodePort"], /service\/kubia exposed/],
      [["get", "svc", "kubia"], /NodePort\s+10\.96\.\d+\.\d+\s+<none>\s+8080:3\d{4}\/TCP/],
      [["apply", "-f", manifest], /configmap\/m created/],
      [["apply", "-f", manifest], /configmap\/m unchanged/],
      [["apply", "--server-side", "-f", manifest], /configmap\/m serverside-applied/],
      [["label", "configmap", "m", "x=y"], /labeled/],
      [["describe", "deployment", "kubia"], /Replicas:\s+3 desired/],
      [["explain", "pod.spec.containers"], /FIELD: containers/],
      [["auth", "can-i", "create", "pods"], /yes/],
      [["get", "ns"], /kube-system\s+Active/],
      [["delete", "deployment,service", "kubia"], /deleted/],
    ];
    for (const [args, expected] of steps) {
      const { code, out, err } = await call(...args);
      expect({ args, code, err }).to.deep.equal({ args, code: 0, err: "" });
      expect(out).to.match(expected);
    }
  });

  for (const program of installed.slice(-3)) {
    it(`changes, compares, watches and evicts as ${program.split("/").at(-2)} asks`, async () => {
      const id = `k${installed.indexOf(program)}`;
      const manifest = join(folder, `${id}.yaml`);
      const write = (data: string) =>
        writeFileSync(manifest, `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${id}}\ndata: {a: "${data}"}\n`);
      const node = join(folder, `${id}-node.yaml`);
      writeFileSync(node, `apiVersion: v1\nkind: Node\nmetadata: {name: ${id}}\n`);
      const deployment = ["deployment", id];
      const onNode = JSON.stringify({ spec: { nodeName: id, terminationGracePeriodSeconds: 0 } });
      write("1");
      const steps: [string[], RegExp][] = [
        [["apply", "-f", manifest], /created/],
        [["diff", "-f", manifest], /^$/],
        [["annotate", "configmap", id, "x=y"], /annotated/],
        [["patch", "configmap", id, "-p", '{"data":{"b":"2"}}'], /patched/],
        [["patch", "configmap", id, "--type", "json", "-p", '[{"op":"remove","path":"/data/b"}]'], /patched/],
        [["patch", "configmap", id, "--type", "merge", "-p", '{"data":{"a":"1"}}'], /patched \(no change\)/],
        [["wait", "configmap", id, "--for=jsonpath={.data.a}=1", "--timeout=5s"], /condition met/],
        [["replace", "--force", "-f", manifest], /deleted.*\n.*replaced/],
        [["create", "deployment", id, "--image=i"], /created/],
        [["rollout", "pause", ...deployment], /paused/],
        [["rollout", "resume", ...deployment], /resumed/],
        [["rollout", "restart", ...deployment], /restarted/],
        [["set", "image", `deployment/${id}`, "*=j"], /image updated/],
        [["create", "-f", node], /created/],
        [["taint", "node", id, "a=b:NoSchedule"], /tainted/],
        [["run", id, "--image=i", `--overrides=${onNode}`], /created/],
        [["cordon", id], /cordoned/],
        [["get", "node", id], /SchedulingDisabled/],
        [["delete", "pod", id], /deleted/],
        [["drain", id], /drained/],
        [["uncordon", id], /uncordoned/],
        [["create", "job", id, "--image=i"], /created/],
        [["create", "cronjob", id, "--image=i", "--schedule=*/5 * * * *"], /created/],
        [["auth", "can-i", "--list"], /\*\.\*/],
        [["api-resources", "--api-group=batch"], /cronjobs\s+cj\s+batch\/v1\s+true\s+CronJob/],
        [["explain", "job.spec", "--recursive"], /backoffLimitPerIndex\s+<integer>/],
        [["events", "--for", `deployment/${id}`], /^$/],
        [["get", "--raw", "/version"], /"gitVersion": ?"v1\.35/],
        [["delete", "node,deployment,job,cronjob,configmap", id], /deleted/],
      ];
      for (const [args, expected] of steps) {
        const { code, out, err } = await callWith(program, ...args);
        const complaint = err.replace(/^No events found in default namespace\.\n$/, "");
        expect({ args, code, complaint }).to.deep.equal({ args, code: 0, complaint: "" });
        expect(out, args.join(" ")).to.match(expected);
      }
    });
  }
});
