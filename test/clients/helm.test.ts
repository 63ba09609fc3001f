import { fileURLToPath } from "node:url";
import type { ConfigMap } from "@tskube/api";
import { expect } from "chai";
import { clientTools, type ServerTools } from "../framework/client-tools.ts";
import { openServer } from "./open-server.ts";

const chart = fileURLToPath(new URL("chart", import.meta.url));
const namespace = "helm";

describe("Helm 4", function () {
  this.timeout(60_000);
  this.bail(true); // each step stands on the one before
  let tools: ServerTools;
  before(async () => {
    tools = await clientTools("35", await (await openServer()).kubeconfig());
    await tools.kubectl(["create", "namespace", namespace]);
    await tools.kubectl(["create", "serviceaccount", "default", "-n", namespace]);
  });
  after(() => tools?.close());

  /** Said of every chart that brings kinds of its own. */
  const aboutDefinitions = /^level=WARN msg="This chart or one of its subcharts contains CRDs\..*\n/;

  /** What Helm printed; it must succeed without a warning. */
  async function helm(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await tools.helm([...args, "-n", namespace]);
    expect([code, stderr.replace(aboutDefinitions, "")], args.join(" ")).to.deep.equal([0, ""]);
    return stdout;
  }
  const helmJson = async <T>(...args: string[]) => JSON.parse(await helm(...args, "-o", "json")) as T;
  const configMap = async (name: string): Promise<ConfigMap | undefined> => {
    const { code, stdout } = await tools.kubectl(["get", "configmap", name, "-n", namespace, "-o", "json"]);
    return code === 0 ? (JSON.parse(stdout) as ConfigMap) : undefined;
  };
  const greeting = async () => (await configMap("web-greeting"))?.data?.["greeting"];
  const hookRevision = async (hook: string) => (await configMap(`web-${hook}`))?.data?.["revision"];

  it("tries a release on the server without leaving anything", async () => {
    // The chart's own kind is not there yet, which a server that is asked would complain about.
    await tools.kubectl(["apply", "-f", `${chart}/crds`]);
    await tools.kubectl(["wait", "crd/greetings.helm.example.com", "--for=condition=Established"]);
    const printed = await helm("install", "web", chart, "--dry-run=server", "--set", "greeting=hi");
    expect(printed)
      .to.match(/STATUS: pending-install/)
      .and.to.match(/greeting: "hi"/);
    expect(printed).to.match(/kubernetes: "v1\.35\.\d+"/);
    expect(await greeting()).to.equal(undefined);
    expect(await helmJson("list")).to.deep.equal([]);
    await tools.kubectl(["delete", "-f", `${chart}/crds`]);
  });

  it("installs a chart with a kind of its own and hooks", async () => {
    const printed = await helm("install", "web", chart, "--set", "greeting=hi");
    expect(printed).to.contain("STATUS: deployed").and.to.contain("web says hi.");
    expect(await greeting()).to.equal("hi");
    expect([await hookRevision("pre-install"), await hookRevision("post-install")]).to.deep.equal(["1", "1"]);
    const custom = await tools.kubectl([
      "get",
      "greetings.helm.example.com",
      "web",
      "-n",
      namespace,
      "-o",
      "jsonpath={.spec.text}",
    ]);
    expect(custom.stdout).to.equal("hi");
    const fields = (
      await tools.kubectl(["get", "configmap", "web-greeting", "-n", namespace, "--show-managed-fields", "-o", "json"])
    ).stdout;
    const managers = (JSON.parse(fields) as ConfigMap).metadata.managedFields;
    expect(managers?.map(({ manager, operation }) => [manager, operation])).to.deep.equal([["helm", "Apply"]]);
  });

  it("lists it, tells its state and shows what it is made of", async () => {
    const [release, ...others] = await helmJson<Record<string, string>[]>("list");
    expect(others).to.deep.equal([]);
    expect(release).to.include({ name: "web", namespace, revision: "1", status: "deployed", chart: "greeter-1.0.0" });
    const status = await helmJson<{ info: { status: string; resources?: object } }>("status", "web");
    expect(status.info.status).to.equal("deployed");
    const manifest = await helm("get", "manifest", "web");
    expect(manifest).to.contain("kind: Greeting").and.to.contain('greeting: "hi"').and.to.not.contain("pre-install");
    expect(await helm("get", "values", "web", "-o", "json")).to.contain('{"greeting":"hi"}');
  });

  it("upgrades it", async () => {
    expect(await helm("upgrade", "web", chart, "--set", "greeting=good day,replicas=1")).to.contain("REVISION: 2");
    expect(await greeting()).to.equal("good day");
    expect(await hookRevision("pre-upgrade")).to.equal("2");
    const replicas = ["get", "deployment", "web", "-n", namespace, "-o", "jsonpath={.spec.replicas}"];
    expect((await tools.kubectl(replicas)).stdout).to.equal("1");
  });

  it("meets another's field as a conflict, and takes it when told to", async () => {
    const other = JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "web-greeting" },
      data: { greeting: "mine" },
    });
    const apply = ["apply", "--server-side", "--field-manager=other", "--force-conflicts", "-n", namespace, "-f", "-"];
    expect((await tools.kubectl(apply, other)).code).to.equal(0);
    const args = ["upgrade", "web", chart, "--set", "greeting=ours", "-n", namespace];
    const refused = await tools.helm(args);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain('conflict with "other": .data.greeting');
    expect(await greeting()).to.equal("mine");
    await helm("upgrade", "web", chart, "--set", "greeting=ours", "--force-conflicts");
    expect(await greeting()).to.equal("ours");
  });

  it("rolls it back, and remembers how it was", async () => {
    expect(await helm("rollback", "web", "1")).to.contain("Rollback was a success");
    expect(await greeting()).to.equal("hi");
    const history = await helmJson<{ revision: number; status: string; description: string }[]>("history", "web");
    expect(history.map(({ revision, status }) => `${revision} ${status}`)).to.deep.equal([
      "1 superseded",
      "2 superseded",
      "3 failed",
      "4 superseded",
      "5 deployed",
    ]);
    expect(await hookRevision("pre-rollback")).to.equal("1"); // as it was rendered then
    const selector = [
      "get",
      "secrets",
      "-n",
      namespace,
      "-l",
      "owner=helm,name=web",
      "--field-selector=type=helm.sh/release.v1",
      "-o",
      "name",
    ];
    expect((await tools.kubectl(selector)).stdout.trim().split("\n")).to.have.length(5);
  });

  it("removes it, but for the definition and what hooks made last", async () => {
    expect(await helm("uninstall", "web")).to.contain('release "web" uninstalled');
    expect(await greeting()).to.equal(undefined);
    expect(await hookRevision("post-delete")).to.equal("1");
    expect(await helmJson("list", "--all-namespaces")).to.deep.equal([]);
    expect((await tools.kubectl(["get", "crd", "greetings.helm.example.com"])).code).to.equal(0);
    expect((await tools.kubectl(["get", "greetings.helm.example.com", "-n", namespace])).stderr).to.contain(
      "No resources",
    );
    const left = await tools.kubectl(["get", "deployment,service", "-n", namespace, "-o", "name"]);
    expect(left.stdout).to.equal("");
  });
});
