import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { OutgoingHttpHeaders } from "node:http";
import { request } from "node:https";
import type { Socket } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type ApiProcess, startApiProcess } from "../../framework/api-process.ts";
import { eventually } from "../../framework/eventually.ts";
import { at, type Send, senderOver } from "../apiserver/open-test-server.ts";
import { group, version } from "./flunders.ts";
import { type FrontProxy, frontProxyName, makeFrontProxy } from "./front-proxy.ts";
import { metricsDocuments, metricsGroup } from "./metrics-documents.ts";
import { anApiService, apiServiceName, apiServicePath, publish } from "./open-aggregating-server.ts";
import { SampleServer } from "./sample-server.ts";

const kubectl = [join(homedir(), ".cache/tskube/v1.35/kubectl"), "/usr/bin/kubectl"].find((path) => existsSync(path));
const namespace = "sample";
const service = "sample-api";

/** Values as the bytes of UTF-8, for Node sends Latin-1. */
function asBytes(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const text = (value: unknown) => Buffer.from(String(value)).toString("latin1");
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(text) : text(value)]),
  );
}

describe("extension API servers with kubectl", function () {
  this.timeout(90_000);
  let folder: string;
  let api: ApiProcess;
  let send: Send;
  let kubeconfig: string;
  let sample: SampleServer;
  let frontProxy: FrontProxy;

  before(async function () {
    if (!kubectl) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "tskube-aggregation-"));
    api = await startApiProcess(await frontProxyFlags());
    send = senderOver(await api.transport());
    kubeconfig = await api.kubeconfig();
    sample = await SampleServer.start({
      // What a real one does, too: it learns from the cluster whom to believe.
      frontProxyCa: String(at(await authenticationData(), "requestheader-client-ca-file")),
      serverName: `${service}.${namespace}.svc`,
      more: metricsDocuments,
    });
    await publish({ send }, sample, namespace, service);
  });
  after(async () => {
    await sample?.stop();
    await api?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function frontProxyFlags(): Promise<string[]> {
    frontProxy = await makeFrontProxy();
    const { ca, client } = frontProxy;
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    return [
      `--requestheader-client-ca-file=${file("front-proxy-ca.crt", ca)}`,
      `--requestheader-allowed-names=${frontProxyName}`,
      "--requestheader-uid-headers=X-Remote-Uid",
      `--proxy-client-cert-file=${file("front-proxy-client.crt", client.cert)}`,
      `--proxy-client-key-file=${file("front-proxy-client.key", client.key)}`,
      "--enable-aggregator-routing=true",
    ];
  }

  async function authenticationData(): Promise<unknown> {
    const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
    return at((await send("GET", path)).json, "data");
  }

  function call(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
    return new Promise((resolve) => {
      execFile(kubectl ?? "", args, { env, timeout: 20_000 }, (error, out, err) => {
        resolve({ code: error ? 1 : 0, out, err });
      });
    });
  }

  const manifest = (name: string, object: object) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(object));
    return path;
  };

  it("are looked after from the start", async () => {
    const { out } = await call("get", "--raw", "/readyz?verbose");
    for (const check of ["autoregister-completion", "poststarthook/kube-apiserver-autoregistration"]) {
      expect(out).to.contain(`[+]${check} ok`);
    }
  });

  it("tell extension servers how to authenticate", async () => {
    expect(await authenticationData()).to.deep.include({
      "requestheader-allowed-names": '["front-proxy-client"]',
      "requestheader-username-headers": '["X-Remote-User"]',
      "requestheader-uid-headers": '["X-Remote-Uid"]',
      "requestheader-group-headers": '["X-Remote-Group"]',
      "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    });
  });

  it("may themselves be what the API server is behind", async () => {
    const { tls } = await api.config();
    const { ca } = tls();
    const headers = {
      "content-type": "application/json",
      "x-remote-user": "zoë",
      "x-remote-uid": "7",
      "x-remote-group": ["devs", "ops, too"],
      "x-remote-extra-example.com%2fwhy": "because",
    };
    const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
    const review = await post("/apis/authentication.k8s.io/v1/selfsubjectreviews", headers, body, {
      ca,
      ...frontProxy.client,
    });
    expect(at(review, "status", "userInfo")).to.deep.equal({
      username: "zoë",
      uid: "7",
      groups: ["devs", "ops, too", "system:authenticated"],
      extra: { "example.com/why": ["because"] },
    });
  });

  function post(path: string, headers: OutgoingHttpHeaders, body: string, tls: object): Promise<object> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`${api.server}${path}`, {
        method: "POST",
        headers: asBytes(headers),
        agent: false,
        ...tls,
      });
      outgoing.once("error", reject);
      outgoing.once("response", (answer) => {
        let text = "";
        answer.on("data", (chunk) => {
          text += String(chunk);
        });
        answer.once("end", () => resolve(JSON.parse(text)));
      });
      // A text would be joined to the head and make that UTF-8, too.
      outgoing.end(Buffer.from(body));
    });
  }

  it("are one group among those that the server has itself", async () => {
    const { out } = await call("get", "apiservices");
    expect(out.split("\n")[0]).to.match(/^NAME\s+SERVICE\s+AVAILABLE\s+AGE$/);
    expect(out).to.match(/^v1\.\s+Local\s+True\s+\d+s$/m);
    expect(out).to.match(/^v1\.apps\s+Local\s+True/m);
    expect(out).to.not.contain("apiregistration");
    const file = manifest("apiservice.json", anApiService(sample, namespace, service));
    expect((await call("apply", "-f", file)).out).to.contain("created");
    expect((await call("wait", "--for=condition=Available", `apiservice/${apiServiceName}`)).code).to.equal(0);
    const shown = await call("get", "apiservice", apiServiceName);
    expect(shown.out).to.match(/^v1alpha1\.wardle\.example\.com\s+sample\/sample-api\s+True\s+\d+s$/m);
  });

  it("are used like any other", async () => {
    const flunder = { apiVersion: `${group}/${version}`, kind: "Flunder", metadata: { name: "one" } };
    const file = manifest("flunder.json", { ...flunder, spec: { reference: "two" } });
    const steps: [string[], RegExp][] = [
      [["api-resources", `--api-group=${group}`], /flunders\s+fl\s+wardle\.example\.com\/v1alpha1\s+true\s+Flunder/],
      [["api-versions"], /wardle\.example\.com\/v1alpha1/],
      [["explain", "flunder.spec"], /reference\s+<string>\s+The name of another flunder\./],
      [["explain", "flunders", "--api-version=wardle.example.com/v1alpha1"], /A flunder is what the sample server has/],
      [["create", "-f", file], /flunder\.wardle\.example\.com\/one created/],
      [["get", "fl"], /^one\s/m],
      [["get", "flunders", "one", "-o", "jsonpath={.kind}"], /^Flunder$/],
      [["get", "--raw", `/apis/${group}/${version}`], /"flunders"/],
      [["delete", "flunder", "one"], /deleted/],
    ];
    for (const [args, expected] of steps) {
      const { code, out, err } = await call(...args);
      expect({ args, code, err }).to.deep.equal({ args, code: 0, err: "" });
      expect(out, args.join(" ")).to.match(expected);
    }
  });

  it("are joined to connections that leave HTTP", async () => {
    const { tls } = await api.config();
    const outgoing = request(`${api.server}/apis/${group}/${version}/namespaces/default/flunders/one/console`, {
      ...tls(),
      headers: { connection: "Upgrade", upgrade: "talk" },
    });
    outgoing.end();
    const [socket, head] = await new Promise<[Socket, Buffer]>((resolve, reject) => {
      outgoing.once("upgrade", (_answer, stream, first) => resolve([stream as Socket, first]));
      outgoing.once("response", (answer) => reject(new Error(`status ${answer.statusCode}`)));
      outgoing.once("error", reject);
    });
    let text = String(head);
    const heard = new Promise<void>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        text += String(chunk);
        if (text.endsWith("over the wire")) resolve();
      });
    });
    socket.write("over the wire");
    await heard;
    expect(text).to.equal("hello kubernetes-admin\nover the wire");
    socket.destroy();
  });

  it("may be the metrics server, whose figures kubectl tops", async () => {
    await send("POST", "/api/v1/nodes", { metadata: { name: "n1" } });
    const status = { allocatable: { cpu: "2", memory: "1Gi", pods: "110" }, capacity: { cpu: "2", memory: "1Gi" } };
    const merge = { "content-type": "application/merge-patch+json" };
    await send("PATCH", "/api/v1/nodes/n1/status", { status }, merge);
    const spec = { group: metricsGroup, version: "v1beta1", versionPriority: 100, groupPriorityMinimum: 100 };
    const metrics = anApiService(sample, namespace, service, {
      ...spec,
      caBundle: undefined,
      insecureSkipTLSVerify: true,
    });
    const name = `v1beta1.${metricsGroup}`;
    await send("POST", apiServicePath, { ...metrics, metadata: { name } });
    expect((await call("wait", "--for=condition=Available", `apiservice/${name}`)).code).to.equal(0);
    expect((await call("top", "nodes")).out).to.match(/^n1\s+250m\s+12%\s+512Mi\s+50%\s*$/m);
    expect((await call("top", "pods", "-A")).out).to.match(/^default\s+web\s+100m\s+64Mi\s*$/m);
    await send("DELETE", `${apiServicePath}/${name}`);
  });

  it("do not disturb anybody when they are gone", async () => {
    await sample.stop();
    const away = await call("get", "flunders");
    expect(away.err).to.contain("the server is currently unable to handle the request");
    const pods = await call("get", "pods", "-A");
    expect(pods.code, pods.err).to.equal(0);
    await send("DELETE", `${apiServicePath}/${apiServiceName}`);
    await eventually(async () => {
      expect((await call("get", "flunders")).err).to.contain("the server could not find the requested resource");
    });
  });
});
