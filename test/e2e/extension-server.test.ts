import { expect } from "chai";
import { TestCluster } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const group = "people.example.com";
const apiService = `v1.${group}`;

/** An extension API server as small as it can be: it trusts whom the cluster says, and has one person, who is whoever asks. */
const program = `
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const pair = ["-keyout", "/tmp/tls.key", "-out", "/tmp/tls.crt", "-subj", "/CN=people"];
execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", ...pair]);
const tls = { key: readFileSync("/tmp/tls.key"), cert: readFileSync("/tmp/tls.crt") };
const ca = readFileSync("/authentication/requestheader-client-ca-file");
const base = "/apis/${group}/v1";
const verbs = ["get", "list"];
const resources = [{ name: "people", singularName: "person", namespaced: false, kind: "Person", verbs }];
require("node:https")
  .createServer({ ...tls, ca, requestCert: true, rejectUnauthorized: true }, ({ url, headers }, response) => {
    const path = url.split("?")[0];
    const apiVersion = "${group}/v1";
    const items = [{ apiVersion, kind: "Person", metadata: { name: headers["x-remote-user"] } }];
    const answers = {
      [base]: { kind: "APIResourceList", apiVersion: "v1", groupVersion: apiVersion, resources },
      [base + "/people"]: { kind: "PersonList", apiVersion, metadata: {}, items },
    };
    response.writeHead(answers[path] ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(answers[path] ?? { kind: "Status", apiVersion: "v1", status: "Failure", code: 404 }));
  })
  .listen(8443);
`;

const namespace = "kube-system"; // where the cluster tells whom to trust
const volumes = [
  { name: "program", configMap: { name: "people" } },
  { name: "authentication", configMap: { name: "extension-apiserver-authentication" } },
];
const container = {
  name: "people",
  image: "host",
  command: ["node", "/program/server.cjs"],
  readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
  volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
};
const objects = [
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "people", namespace }, data: { "server.cjs": program } },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "people", namespace, labels: { app: "people" } },
    spec: { containers: [container], volumes, terminationGracePeriodSeconds: 0 },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "people", namespace },
    spec: { selector: { app: "people" }, ports: [{ port: 443, targetPort: 8443 }] },
  },
  {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: apiService },
    spec: {
      group,
      version: "v1",
      service: { namespace, name: "people" },
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 1000,
      versionPriority: 10,
    },
  },
];

describe("an extension API server that runs as a pod", function () {
  this.timeout(120_000);
  let cluster: TestCluster;

  before(async function () {
    if (!isRoot) this.skip(); // nodes are network namespaces, which need root on Linux
    this.timeout(240_000);
    const flags = ["--nodes", "1", "--store", "embedded", "--runtime", "process"];
    cluster = await TestCluster.create({ name: "e2e-extension", subnet: "172.30.65.0/24", flags });
    await cluster.up();
  });
  after(() => cluster?.down());

  it("adds its group to the cluster's API, and leaves the rest alone when it goes", async () => {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const applied = await cluster.kubectl(["apply", "-f", "-"], { input });
    expect(applied.stderr).to.equal("");
    await cluster.get("wait", "--for=condition=Available", `apiservice/${apiService}`, "--timeout=60s");
    expect(await cluster.get("get", "apiservices", apiService)).to.match(/kube-system\/people\s+True/);
    expect(await cluster.get("get", "people", "-o", "name")).to.equal(`person.${group}/kubernetes-admin`);
    expect(await cluster.get("get", "people", "-o", "name", "--as", "ann", "--as-group", "system:masters")).to.equal(
      `person.${group}/ann`,
    );

    await cluster.get("delete", "pod", "-n", namespace, "people");
    await eventually(async () => {
      expect(await cluster.get("get", "apiservices", apiService)).to.contain("False (MissingEndpoints)");
    });
    const { stderr } = await cluster.kubectl(["get", "people"]);
    expect(stderr).to.contain("the server is currently unable to handle the request (get people.people.example.com)");
    expect(await cluster.get("get", "nodes", "-o", "name")).to.equal("node/control-plane");
  });
});
