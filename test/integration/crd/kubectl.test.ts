import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { options, run } from "@tskube/apiserver";
import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { parseConfig } from "@tskube/component";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { freePort } from "../../framework/free-port.ts";
import { rolloutDefinition } from "./definitions.ts";

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

describe("custom resources with kubectl", function () {
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

  it("are defined, waited for, applied, shown, explained, changed and deleted", async () => {
    const at = (name: string, object: object) => {
      writeFileSync(join(folder, name), stringify(object));
      return join(folder, name);
    };
    const definition = at("crd.yaml", rolloutDefinition());
    const rollout = (replicas: number) => ({
      apiVersion: "ship.example.com/v1",
      kind: "Rollout",
      metadata: { name: "web", namespace: "default" },
      spec: { replicas, ports: [{ name: "http", port: 80 }] },
    });
    const first = at("first.yaml", rollout(2));
    const steps: [string[], RegExp][] = [
      [["apply", "-f", definition], /customresourcedefinition.apiextensions.k8s.io\/rollouts.ship.example.com created/],
      [["wait", "--for=condition=Established", "crd/rollouts.ship.example.com"], /condition met/],
      [["get", "crd"], /rollouts.ship.example.com\s+20/],
      [["apply", "-f", first], /rollout.ship.example.com\/web created/],
      [["apply", "-f", first], /rollout.ship.example.com\/web unchanged/],
      [["apply", "--server-side", "-f", first], /serverside-applied/],
      [["get", "rollouts"], /NAME\s+WANTED\s+READY\s+AGE\nweb\s+2\s+\d+s/],
      [["get", "ro", "web", "-o", "jsonpath={.spec.ports[0].port}"], /^80$/],
      [["get", "ro", "--field-selector", "spec.tier=web"], /web/],
      [["explain", "rollouts"], /A gradual change of what runs\.[\s\S]*spec\s+<Object> -required-/],
      [["explain", "rollouts.spec.replicas"], /FIELD: replicas <integer>/],
      [["explain", "rollouts", "--recursive"], /ports\s+<\[\]Object>/],
      [["scale", "rollout", "web", "--replicas=4"], /scaled/],
      [["patch", "ro", "web", "--type=merge", "-p", '{"spec":{"note":"hi"}}'], /patched/],
      [["label", "ro", "web", "a=b"], /labeled/],
      [["diff", "-f", at("same.yaml", rollout(4))], /^$/],
      [["api-resources", "--api-group=ship.example.com"], /rollouts\s+ro\s+ship.example.com\/v1\s+true\s+Rollout/],
      [["delete", "ro", "web"], /deleted/],
      [["delete", "crd", "rollouts.ship.example.com"], /deleted/],
    ];
    for (const [args, expected] of steps) {
      const { code, out, err } = await call(...args);
      expect({ args, code, err }).to.deep.equal({ args, code: 0, err: "" });
      expect(out).to.match(expected);
    }
  });
});
