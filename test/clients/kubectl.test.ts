import { expect } from "chai";
import { clientTools, type ServerTools } from "../framework/client-tools.ts";
import { openServer } from "./open-server.ts";

const configMap = (name: string, data: Readonly<Record<string, string>>) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

const deployment = (name: string, image: string) =>
  JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image }] } },
    },
  });

for (const minor of ["33", "34", "35"] as const) {
  describe(`kubectl 1.${minor}`, function () {
    this.timeout(60_000);
    const namespace = `kubectl-${minor}`;
    let tools: ServerTools;
    before(async () => {
      tools = await clientTools(minor, await (await openServer()).kubeconfig());
      await tools.kubectl(["create", "namespace", namespace]);
      await tools.kubectl(["create", "serviceaccount", "default", "-n", namespace]);
    });
    after(() => tools?.close());

    const run = (args: readonly string[], input?: string) => tools.kubectl(["-n", namespace, ...args], input);
    /** What it printed; it must succeed without a word on stderr. */
    async function kubectl(args: readonly string[], input?: string): Promise<string> {
      const { code, stdout, stderr } = await run(args, input);
      expect([code, stderr], args.join(" ")).to.deep.equal([0, ""]);
      return stdout.trim();
    }

    it("applies on the server, meets conflicts and takes fields by force", async () => {
      const apply = ["apply", "--server-side", "-f", "-"];
      expect(await kubectl(apply, configMap("shared", { a: "1" }))).to.equal("configmap/shared serverside-applied");
      const refused = await run([...apply, "--field-manager=other"], configMap("shared", { a: "2", b: "3" }));
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.contain('Apply failed with 1 conflict: conflict with "kubectl": .data.a');
      await kubectl([...apply, "--field-manager=other", "--force-conflicts"], configMap("shared", { a: "2", b: "3" }));
      await kubectl(apply, configMap("shared", {})); // gives up what it no longer has
      expect(await kubectl(["get", "configmap", "shared", "-o", "jsonpath={.data}"])).to.equal('{"a":"2","b":"3"}');
    });

    it("takes over what was applied by the client", async () => {
      await kubectl(["apply", "-f", "-"], configMap("moved", { a: "1", gone: "1" }));
      await kubectl(["apply", "--server-side", "-f", "-"], configMap("moved", { a: "2" }));
      const shown = JSON.parse(await kubectl(["get", "configmap", "moved", "-o", "json", "--show-managed-fields"]));
      expect(shown.data).to.deep.equal({ a: "2" });
      expect(shown.metadata.managedFields.map(({ manager }: { manager: string }) => manager)).to.deep.equal([
        "kubectl",
        "kubectl-last-applied", // keeps the annotation in step for those who still apply as clients
      ]);
    });

    it("is told of unknown and double fields", async () => {
      const wrong = configMap("wrong", {}).replace('"data"', '"daat"');
      const strict = await run(["create", "-f", "-", "--validate=strict"], wrong);
      expect([strict.code, strict.stderr]).to.deep.equal([
        1,
        'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "daat"\n',
      ]);
      const warned = await run(["create", "-f", "-", "--validate=warn"], wrong);
      expect([warned.code, warned.stderr]).to.deep.equal([0, 'Warning: unknown field "daat"\n']);
      expect(
        await kubectl(["create", "-f", "-", "--validate=false", "--dry-run=server"], configMap("ignored", {})),
      ).to.contain("created (server dry run)");
    });

    it("compares, changes and waits for a deployment", async () => {
      await kubectl(["apply", "-f", "-"], deployment("web", "web:1"));
      const compared = await run(["diff", "--server-side", "-f", "-"], deployment("web", "web:2"));
      expect(compared.code).to.equal(1);
      expect(compared.stderr + compared.stdout).to.match(/conflict|\+.*image: web:2/);
      await kubectl(["apply", "-f", "-"], deployment("web", "web:2"));
      await kubectl(["set", "env", "deployment/web", "A=B"]);
      await kubectl(["rollout", "restart", "deployment/web"]);
      await kubectl(["autoscale", "deployment", "web", "--max=3", "--min=1"]);
      expect(await kubectl(["get", "hpa", "web", "-o", "jsonpath={.spec.maxReplicas}"])).to.equal("3");
      await kubectl(["wait", "deployment/web", "--for=jsonpath={.spec.replicas}=0", "--timeout=10s"]);
      const deleted = run(["wait", "deployment/web", "--for=delete", "--timeout=20s"]);
      await kubectl(["delete", "deployment", "web"]);
      expect((await deleted).code).to.equal(0);
    });

    it("asks what it may, and makes tokens and roles", async () => {
      await kubectl(["create", "role", "reader", "--verb=get,list", "--resource=pods"]);
      await kubectl(["create", "rolebinding", "reader", "--role=reader", `--serviceaccount=${namespace}:default`]);
      const account = `--as=system:serviceaccount:${namespace}:default`;
      expect(await kubectl(["auth", "can-i", "list", "pods", account])).to.equal("yes");
      expect(await kubectl(["auth", "can-i", "--list", account])).to.match(/pods +\[\] +\[\] +\[get list\]/);
      const token = await kubectl(["create", "token", "default", "--duration=10m"]);
      expect(token.split(".")).to.have.length(3);
      const who = await kubectl(["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"]);
      expect(who).to.equal("kubernetes-admin");
    });
  });
}
