import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { mergeKubeconfigs, parseKubeconfig } from "./kubeconfig.ts";
import { inClusterConfig, loadClientConfig } from "./load.ts";
import { resolveKubeconfig } from "./resolve.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A kubeconfig with one of everything; `user` is what the test is about. */
function kubeconfig(user: object, name = "dev") {
  return JSON.stringify({
    "current-context": name,
    clusters: [{ name, cluster: { server: `https://${name}:6443`, "certificate-authority-data": base64("CA") } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: "team" } }],
  });
}

describe("client configuration", () => {
  let dir: string;
  let nowMs: number;
  const now = () => nowMs;
  const write = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tskube-client-"));
    nowMs = 0;
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("comes from the named file, with embedded certificates", () => {
    const path = write(
      "config",
      kubeconfig({ "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") }),
    );
    const config = loadClientConfig({ path, env: {}, now });
    expect(config).to.deep.include({ server: "https://dev:6443", namespace: "team" });
    expect(config.tls()).to.deep.equal({ ca: "CA", cert: "CERT", key: "KEY" });
    expect(config.tls()).to.equal(config.tls());
    expect(config.authorization).to.equal(undefined);
  });

  it("takes paths relative to its own file, and renewed files within ten seconds", () => {
    write("cert.pem", "CERT");
    write("key.pem", "KEY");
    const path = write("config", kubeconfig({ "client-certificate": "cert.pem", "client-key": "key.pem" }));
    const config = loadClientConfig({ path, env: {}, now });
    const before = config.tls();
    write("cert.pem", "RENEWED");
    expect(config.tls()).to.equal(before);
    nowMs = 10_000;
    expect(config.tls()).to.deep.equal({ ca: "CA", cert: "RENEWED", key: "KEY" });
  });

  it("keeps a token whose file is gone for a moment", () => {
    const token = write("token", "one\n");
    const path = write("config", kubeconfig({ tokenFile: "token" }));
    const config = loadClientConfig({ path, env: {}, now });
    expect(config.authorization?.()).to.equal("Bearer one");
    rmSync(token);
    nowMs = 10_000;
    expect(config.authorization?.()).to.equal("Bearer one");
    write("token", "second");
    nowMs = 20_000;
    expect(config.authorization?.()).to.equal("Bearer second");
  });

  it("knows tokens and passwords", () => {
    const header = (user: object) =>
      resolveKubeconfig(parseKubeconfig(kubeconfig(user), "/c"), undefined, now).authorization?.();
    expect(header({ token: "abc" })).to.equal("Bearer abc");
    expect(header({ username: "u", password: "p" })).to.equal(`Basic ${base64("u:p")}`);
  });

  it("merges the files of KUBECONFIG, where the first to name a thing decides", () => {
    const first = write("first", kubeconfig({ token: "first" }));
    const other = write("other", kubeconfig({ token: "other" }, "prod"));
    const again = write("again", kubeconfig({ token: "again" }));
    const env = { KUBECONFIG: [first, other, join(dir, "absent"), again].join(":") };
    expect(loadClientConfig({ env, now }).authorization?.()).to.equal("Bearer first");
    expect(loadClientConfig({ env, now, context: "prod" }).server).to.equal("https://prod:6443");
    expect(mergeKubeconfigs([]).contexts).to.deep.equal({});
  });

  const broken: ReadonlyArray<[string, string, string]> = [
    [
      "a context that is not there",
      kubeconfig({}).replace('"current-context":"dev"', '"current-context":"x"'),
      'no context "x"',
    ],
    ["a user that is not there", kubeconfig({}).replace('"user":"dev"', '"user":"x"'), 'no user "x"'],
    ["a cluster that is not there", kubeconfig({}).replace('"cluster":"dev"', '"cluster":"x"'), 'no cluster "x"'],
    ["a credential plugin", kubeconfig({ exec: { command: "x" } }), "credential plugin"],
    [
      "a certificate file that is not there",
      kubeconfig({ "client-certificate": "/absent" }),
      "cannot read the client certificate",
    ],
    ["text that is not YAML", "{", "not valid YAML"],
    ["a list", "[]", "not a kubeconfig"],
  ];
  for (const [what, text, said] of broken) {
    it(`says what is wrong with ${what}`, () => {
      expect(() => loadClientConfig({ path: write("config", text), env: {}, now })).to.throw(said);
    });
  }

  it("says where it looked when there is none", () => {
    expect(() => loadClientConfig({ env: { HOME: dir }, now })).to.throw(
      `no kubeconfig found: looked at ${dir}/.kube/config`,
    );
    expect(() => loadClientConfig({ path: join(dir, "absent"), env: {}, now })).to.throw("cannot read kubeconfig");
  });

  it("is the pod's service account inside of a cluster", () => {
    write("token", "pod-token");
    write("ca.crt", "CA");
    write("namespace", "team");
    const config = inClusterConfig({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" }, now, dir);
    expect([config?.server, config?.namespace, config?.authorization?.()]).to.deep.equal([
      "https://[fd00::1]:443",
      "team",
      "Bearer pod-token",
    ]);
    expect(inClusterConfig({}, now, dir)).to.equal(undefined);
  });
});
