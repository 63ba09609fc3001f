import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";
import { type Files, type OutsideServer, openFiles, openOutside } from "./outside-server.ts";

const kubectl = [
  ...["v1.35", "v1.34", "v1.33"].map((version) => join(homedir(), ".cache", "tskube", version, "kubectl")),
  "/usr/local/bin/kubectl",
  "/usr/bin/kubectl",
].find((path) => existsSync(path));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const own = "https://kubernetes.default.svc";
const rbac = "rbac.authorization.k8s.io";

describe("what kubectl says of rights", function () {
  this.timeout(20_000);
  let server: OutsideServer;
  let files: Files;

  const run = (user: "root" | "ann", args: readonly string[], input = ""): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { ...process.env, KUBECONFIG: files.path("kubeconfig"), HOME: files.path("home") };
      const child = execFile(kubectl ?? "", ["--context", user, ...args], { env, timeout: 15_000 }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
      child.stdin?.end(input);
    });
  const role = (name: string, ...rules: readonly object[]) => ({
    apiVersion: `${rbac}/v1`,
    kind: "Role",
    metadata: { name, namespace: "default" },
    rules,
  });
  const binding = (name: string, ...subjects: readonly object[]) => ({
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace: "default" },
    roleRef: { apiGroup: rbac, kind: "Role", name },
    subjects,
  });
  const ann = { apiGroup: rbac, kind: "User", name: "ann" };

  before(async function () {
    if (!kubectl) return this.skip();
    files = openFiles();
    server = await openOutside({
      authenticator: {
        apiAudiences: [own],
        staticTokens: 'root-token,root,0,"system:masters"\nann-token,ann,1,"dev"',
      },
    });
    const users = ["root", "ann"].map((name) => ({ name, user: { token: `${name}-token` } }));
    const clusters = [
      {
        name: "c",
        cluster: { server: server.url, "certificate-authority-data": Buffer.from(server.ca).toString("base64") },
      },
    ];
    const contexts = users.map(({ name }) => ({ name, context: { cluster: "c", user: name, namespace: "default" } }));
    const config = { apiVersion: "v1", kind: "Config", users, clusters, contexts, "current-context": "root" };
    files.write("kubeconfig", JSON.stringify(config));
    const rules = [
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
      { apiGroups: [rbac], resources: ["roles", "rolebindings"], verbs: ["create", "get", "update"] },
    ];
    const reviews = [
      {
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        verbs: ["create"],
      },
      { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
    ];
    const everybody = [
      { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: "asks" }, rules: reviews },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: "asks" },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "asks" },
        subjects: [{ apiGroup: rbac, kind: "Group", name: "system:authenticated" }],
      },
    ];
    const made = await run(
      "root",
      ["create", "-f", "-"],
      [...everybody, role("dev", ...rules), binding("dev", ann)].map((one) => stringify(one)).join("---\n"),
    );
    expect(made.err).to.equal("");
  });
  after(async () => {
    await server?.close();
    files?.remove();
  });

  it("who I am", async () => {
    const { out } = await run("ann", ["auth", "whoami", "-o", "json"]);
    expect(JSON.parse(out).status.userInfo).to.deep.equal({
      username: "ann",
      uid: "1",
      groups: ["dev", "system:authenticated"],
    });
  });

  it("what I may do, and all that I may do", async () => {
    expect(await run("ann", ["auth", "can-i", "list", "pods"])).to.deep.equal({ code: 0, out: "yes\n", err: "" });
    expect(await run("ann", ["auth", "can-i", "delete", "pods"])).to.include({ code: 1, out: "no\n" });
    const { out } = await run("ann", ["auth", "can-i", "--list"]);
    expect(out.split("\n").map((line) => line.trim().split(/ {2,}/))).to.deep.equal([
      ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"],
      [`rolebindings.${rbac}`, "[]", "[]", "[create get update]"],
      [`roles.${rbac}`, "[]", "[]", "[create get update]"],
      ["selfsubjectreviews.authentication.k8s.io", "[]", "[]", "[create]"],
      ["selfsubjectaccessreviews.authorization.k8s.io", "[]", "[]", "[create]"],
      ["selfsubjectrulesreviews.authorization.k8s.io", "[]", "[]", "[create]"],
      ["pods", "[]", "[]", "[get list]"],
      [""],
    ]);
  });

  it("what others may do, with every group that they are given", async () => {
    const group = { apiGroup: rbac, kind: "Group", name: "ops" };
    await run(
      "root",
      ["create", "-f", "-"],
      stringify(binding("ops", group)).replace("name: ops\nsubjects", "name: dev\nsubjects"),
    );
    const asBob = ["auth", "can-i", "list", "pods", "--as", "bob", "--as-group", "other"];
    expect(await run("root", asBob)).to.include({ out: "no\n" });
    expect(await run("root", [...asBob, "--as-group", "ops"])).to.include({ out: "yes\n" });
  });

  it("that one may not be somebody else", async () => {
    const { err } = await run("ann", ["get", "pods", "--as", "bob"]);
    expect(err).to.equal(
      'Error from server (Forbidden): users "bob" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope\n',
    );
    const asAccount = await run("ann", ["get", "pods", "--as", "system:serviceaccount:default:default"]);
    expect(asAccount.err).to.equal(
      'Error from server (Forbidden): serviceaccounts "default" is forbidden: User "ann" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default"\n',
    );
  });

  it("that nobody gives away more than they have", async () => {
    const made = await run("ann", ["create", "role", "more", "--verb=get,delete", "--resource=pods,secrets"]);
    expect(made.err).to.equal(
      `${[
        'Error from server (Forbidden): roles.rbac.authorization.k8s.io "more" is forbidden: user "ann" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
      ].join("\n")}\n`,
    );
    const bound = await run("ann", ["create", "rolebinding", "all", "--clusterrole=none", "--user=ann"]);
    expect(bound.err).to.equal(
      'error: failed to create rolebinding: clusterroles.rbac.authorization.k8s.io "none" not found\n',
    );
    expect(await run("ann", ["create", "role", "less", "--verb=get", "--resource=pods"])).to.include({ code: 0 });
  });

  it("that a right to one object is none to a list that only seems to be of it", async () => {
    const rule = { apiGroups: [""], resources: ["secrets"], resourceNames: ["db"], verbs: ["list"] };
    await run(
      "root",
      ["create", "-f", "-"],
      [role("one", rule), binding("one", ann)].map((each) => stringify(each)).join("---\n"),
    );
    for (const name of ["db", "other"]) await run("root", ["create", "secret", "generic", name]);
    const list = async (selector: string) => run("ann", ["get", "secrets", "--field-selector", selector, "-o", "name"]);
    expect(await list("metadata.name=db")).to.deep.equal({ code: 0, out: "secret/db\n", err: "" });
    expect((await list("type!=x\\,metadata.name=db")).err).to.include('cannot list resource "secrets"');
  });

  it("what reconciling roles and bindings changed", async () => {
    const rule = (...verbs: readonly string[]) => ({ apiGroups: [""], resources: ["configmaps"], verbs });
    const reconcile = (...objects: readonly object[]) =>
      run("root", ["auth", "reconcile", "-f", "-"], objects.map((one) => stringify(one)).join("---\n"));
    const first = await reconcile(role("kept", rule("get")), binding("kept", ann));
    expect(first.out).to.match(/^role\.rbac\.authorization\.k8s\.io\/kept reconciled\n/);
    const second = await reconcile(role("kept", rule("get", "list")));
    expect(second.err).to.include(
      "missing rules added:\n\t\t{Verbs:[list] APIGroups:[] Resources:[configmaps] ResourceNames:[] NonResourceURLs:[]}",
    );
    const { out } = await run("root", ["get", "role", "kept", "-o", "jsonpath={.rules}"]);
    expect(JSON.parse(out)).to.deep.equal([rule("get"), rule("list")]);
  });

  it("a token for a service account, which is worth something until the account goes", async () => {
    await run("root", ["create", "serviceaccount", "robot"]);
    const { out: token } = await run("root", ["create", "token", "robot", "--duration=10m"]);
    expect((await server.whoAmI(token.trim())).status).to.equal(201);
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: token.trim() } };
    const path = "/apis/authentication.k8s.io/v1/tokenreviews";
    const reviewed = async () =>
      (await server.api.send("POST", path, review)).json as { readonly status: Readonly<Record<string, unknown>> };
    expect((await reviewed()).status).to.deep.include({ authenticated: true, audiences: [own] });
    await run("root", ["delete", "serviceaccount", "robot"]);
    expect((await reviewed()).status).to.deep.include({ error: 'serviceaccounts "robot" not found' });
  });
});
