import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node, Pod, Service } from "@tskube/api";
import { expect } from "chai";
import type { TestCluster } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { bookCluster, canRunClusters, end, podManifest, startKubectl, startProxy } from "./book-cluster.ts";

/** Says where it runs, on port 80 of its pod. */
const server =
  'mkdir -p /tmp/www && echo "hello from $(hostname)" > /tmp/www/index.html && busybox httpd -f -p 80 -h /tmp/www';

function replicationController(name: string, replicas: number): string {
  const labels = { app: name, role: "primary" };
  const containers = [{ name: "main", image: "host", command: ["sh", "-c", server], ports: [{ containerPort: 80 }] }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers } };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, labels },
    spec: { replicas, selector: labels, template },
  });
}

describe("conformance: kubectl on a cluster", function () {
  this.timeout(90_000);
  let cluster: TestCluster;
  before(async function () {
    if (!canRunClusters) this.skip();
    this.timeout(240_000);
    cluster = await bookCluster();
  });

  let count = 0;
  /** kubectl in a namespace of the test's own, which goes when the test has passed. */
  async function inNamespace(test: (kubectl: Scoped) => Promise<void>): Promise<void> {
    const namespace = `kubectl-${++count}`;
    await cluster.get("create", "namespace", namespace);
    await eventually(() => cluster.get("get", "serviceaccount", "default", "-n", namespace));
    await test({
      namespace,
      get: (...args) => cluster.get("-n", namespace, ...args),
      json: (...args) => cluster.json("-n", namespace, ...args),
      send: async (manifest, ...args) => {
        const result = await cluster.kubectl([...args, "-n", namespace, "-f", "-"], { input: manifest });
        expect(result.code === 0 || args[0] === "diff", result.stderr).to.equal(true);
        return result.stdout.trimEnd();
      },
    });
    await cluster.get("delete", "namespace", namespace, "--wait=false");
  }

  interface Scoped {
    readonly namespace: string;
    get(...args: readonly string[]): Promise<string>;
    json<T>(...args: readonly string[]): Promise<T>;
    send(manifest: string, ...args: readonly string[]): Promise<string>;
  }

  const podsOf = async (kubectl: Scoped, app: string) =>
    (await kubectl.json<{ items: Pod[] }>("get", "pods", "-l", `app=${app}`)).items.filter(
      ({ metadata }) => !metadata.deletionTimestamp,
    );
  const areRunning = (kubectl: Scoped, app: string, replicas: number) =>
    eventually(async () => {
      const pods = await podsOf(kubectl, app);
      expect(pods.map(({ status }) => status?.phase)).to.deep.equal(Array(replicas).fill("Running"));
      return pods;
    });

  it("[sig-cli] Kubectl client Update Demo should create and stop a replication controller [Conformance]", () =>
    inNamespace(async (kubectl) => {
      expect(await kubectl.send(replicationController("update-demo", 2), "create")).to.equal(
        "replicationcontroller/update-demo created",
      );
      await areRunning(kubectl, "update-demo", 2);
      const deleted = await kubectl.send(
        replicationController("update-demo", 2),
        "delete",
        "--grace-period=0",
        "--force",
      );
      expect(deleted).to.contain('replicationcontroller "update-demo" force deleted');
      await eventually(async () => expect(await podsOf(kubectl, "update-demo")).to.have.length(0));
    }));

  it("[sig-cli] Kubectl client Update Demo should scale a replication controller [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.send(replicationController("update-demo", 2), "create");
      await areRunning(kubectl, "update-demo", 2);
      for (const replicas of [1, 2]) {
        await kubectl.get("scale", "rc", "update-demo", `--replicas=${replicas}`, "--timeout=5m");
        await areRunning(kubectl, "update-demo", replicas);
      }
    }));

  it("[sig-cli] Kubectl client Guestbook application should create and stop a working application [Conformance]", () =>
    inNamespace(async (kubectl) => {
      const deployment = JSON.stringify({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "frontend" },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: "guestbook" } },
          template: {
            metadata: { labels: { app: "guestbook" } },
            spec: {
              terminationGracePeriodSeconds: 0,
              containers: [{ name: "main", image: "host", command: ["sh", "-c", server] }],
            },
          },
        },
      });
      await kubectl.send(deployment, "create");
      await kubectl.get("expose", "deployment", "frontend", "--port=80");
      await areRunning(kubectl, "guestbook", 2);
      const path = `/api/v1/namespaces/${kubectl.namespace}/services/frontend/proxy/`;
      const answers = new Set<string>();
      await eventually(async () => {
        answers.add(await cluster.get("get", "--raw", path));
        expect([...answers].filter((text) => text.startsWith("hello from frontend-"))).to.have.length(2);
      });
      await kubectl.get("delete", "service,deployment", "frontend");
      await eventually(async () => expect(await podsOf(kubectl, "guestbook")).to.have.length(0));
    }));

  it("[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]", async () => {
    expect((await cluster.get("api-versions")).split("\n")).to.include("v1");
  });

  it("[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]", async () => {
    const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
    const info = (await cluster.get("cluster-info")).replace(colours, "");
    expect(info).to.match(/Kubernetes control plane is running at https:\/\//);
  });

  it("[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]", async () => {
    const version = await cluster.get("version");
    expect(version).to.match(/^Client Version: v1\.35\.\d+$/m);
    expect(version).to.match(/^Server Version: v1\.35\.\d+$/m);
  });

  it("[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.send(replicationController("agnhost-primary", 1), "create");
      await kubectl.get("expose", "rc", "agnhost-primary", "--port=6379", "--target-port=80");
      const [pod] = await areRunning(kubectl, "agnhost-primary", 1);
      const expectLines = (text: string, patterns: readonly RegExp[]) => {
        for (const pattern of patterns) expect(text).to.match(pattern);
      };
      expectLines(await kubectl.get("describe", "pod", pod?.metadata.name ?? ""), [
        /^Name: +agnhost-primary-/m,
        new RegExp(`^Namespace: +${kubectl.namespace}$`, "m"),
        /^Node: +worker-\d\/\d+\./m,
        /^Labels: +app=agnhost-primary\n +role=primary$/m,
        /^Annotations: /m,
        /^Status: +Running$/m,
        /^IP: +10\.244\./m,
        /^Controlled By: +ReplicationController\/agnhost-primary$/m,
        /^ +Image: +host$/m,
        /^ +State: +Running$/m,
        /^QoS Class: +BestEffort$/m,
      ]);
      expectLines(await kubectl.get("describe", "rc", "agnhost-primary"), [
        /^Name: +agnhost-primary$/m,
        /^Labels: +app=agnhost-primary\n +role=primary$/m,
        /^Annotations: +<none>$/m,
        /^Replicas: +1 current \/ 1 desired$/m,
        /^Pods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
        /^Pod Template:$/m,
        /^Events:$/m,
      ]);
      expectLines(await kubectl.get("describe", "service", "agnhost-primary"), [
        /^Name: +agnhost-primary$/m,
        /^Type: +ClusterIP$/m,
        /^IP: +10\.96\./m,
        /^Port: +<unset> +6379\/TCP$/m,
        /^Endpoints: +10\.244\.\d+\.\d+:80$/m,
        /^Session Affinity: +None$/m,
      ]);
      expectLines(await cluster.get("describe", "namespace", kubectl.namespace), [/^Status: +Active$/m]);
      expectLines(await cluster.get("describe", "node", pod?.spec.nodeName ?? ""), [/^PodCIDR: /m]);
    }));

  it("[sig-cli] Kubectl client Kubectl expose should create services for rc [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.send(replicationController("agnhost-primary", 1), "create");
      await areRunning(kubectl, "agnhost-primary", 1);
      const serves = (name: string, port: number) =>
        eventually(async () => {
          const { spec } = await kubectl.json<Service>("get", "service", name);
          expect(spec.ports).to.have.length(1);
          expect(spec.ports?.[0]).to.include({ port, targetPort: 80 });
          const slices = await kubectl.get(
            "get",
            "endpointslices",
            "-l",
            `kubernetes.io/service-name=${name}`,
            "-o",
            "jsonpath={.items[*].endpoints[*].addresses[0]}",
          );
          expect(slices).to.match(/^10\.244\./);
        });
      await kubectl.get("expose", "rc", "agnhost-primary", "--name=rm2", "--port=1234", "--target-port=80");
      await serves("rm2", 1234);
      await kubectl.get("expose", "service", "rm2", "--name=rm3", "--port=2345", "--target-port=80");
      await serves("rm3", 2345);
    }));

  it("[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.send(podManifest("pause", "sleep 1000"), "create");
      await kubectl.get("label", "pods", "pause", "testing-label=testing-label-value");
      expect(await kubectl.get("get", "pod", "pause", "-L", "testing-label")).to.contain("testing-label-value");
      await kubectl.get("label", "pods", "pause", "testing-label-");
      expect(await kubectl.get("get", "pod", "pause", "-L", "testing-label")).to.not.contain("testing-label-value");
    }));

  it("[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.send(replicationController("agnhost-primary", 1), "create");
      const [pod] = await areRunning(kubectl, "agnhost-primary", 1);
      await kubectl.get("patch", "pod", pod?.metadata.name ?? "", "-p", '{"metadata":{"annotations":{"x":"y"}}}');
      const [patched] = await podsOf(kubectl, "agnhost-primary");
      expect(patched?.metadata.annotations).to.include({ x: "y" });
    }));

  it("[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]", () =>
    inNamespace(async (kubectl) => {
      const deployment = (image: string) =>
        JSON.stringify({
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "httpd" },
          spec: {
            replicas: 0,
            selector: { matchLabels: { app: "httpd" } },
            template: { metadata: { labels: { app: "httpd" } }, spec: { containers: [{ name: "httpd", image }] } },
          },
        });
      await kubectl.send(deployment("httpd:1"), "apply");
      const difference = await kubectl.send(deployment("httpd:2"), "diff");
      expect(difference).to.match(/^-.*image: httpd:1$/m);
      expect(difference).to.match(/^\+.*image: httpd:2$/m);
    }));

  it("[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.get("run", "httpd", "--image=localhost/httpd:1", "--labels=run=httpd");
      const patch = '{"spec":{"containers":[{"name": "httpd","image": "localhost/httpd:2"}]}}';
      await kubectl.get("patch", "pod", "httpd", "-p", patch, "--dry-run=server");
      expect((await kubectl.json<Pod>("get", "pod", "httpd")).spec.containers[0]?.image).to.equal("localhost/httpd:1");
    }));

  it("[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.get("run", "single", "--image=host", "--labels=run=single", "--", "sleep", "1000");
      await kubectl.get("wait", "pod/single", "--for=condition=Ready", "--timeout=30s");
      const pod = await kubectl.json<Pod>("get", "pod", "single");
      const [container] = pod.spec.containers;
      const changed = { ...pod, spec: { ...pod.spec, containers: [{ ...container, image: "localhost/host:latest" }] } };
      await kubectl.send(JSON.stringify(changed), "replace");
      expect((await kubectl.json<Pod>("get", "pod", "single")).spec.containers[0]?.image).to.equal(
        "localhost/host:latest",
      );
    }));

  it("[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never [Conformance]", () =>
    inNamespace(async (kubectl) => {
      await kubectl.get("run", "once", "--restart=Never", "--image=host", "--", "true");
      const { spec } = await kubectl.json<Pod>("get", "pod", "once");
      expect([spec.containers[0]?.image, spec.restartPolicy]).to.deep.equal(["host", "Never"]);
    }));

  it("[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]", async () => {
    const proxy = await startProxy(cluster, "--disable-filter");
    const versions = (await (await fetch(`${proxy.url}/api/`)).json()) as { versions: string[] };
    expect(versions.versions).to.not.have.length(0);
    await proxy.stop();
  });

  it("[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tsk-socket-"));
    const socketPath = join(folder, "test");
    const { child } = await startKubectl(cluster, ["proxy", `--unix-socket=${socketPath}`], /Starting to serve on/);
    const text = await new Promise<string>((resolve, reject) => {
      request({ socketPath, path: "/api/", agent: false }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve(body));
      })
        .on("error", reject)
        .end();
    });
    expect(JSON.parse(text)).to.include({ kind: "APIVersions" });
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  });

  it("[sig-cli] Kubectl logs logs should be able to retrieve and filter logs [Conformance]", () =>
    inNamespace(async (kubectl) => {
      const script = 'for i in 1 2 3 4 5 6 7 8 9 10; do echo "line $i of the log"; done; sleep 1000';
      await kubectl.send(podManifest("logs-generator", script), "create");
      await kubectl.get("wait", "pod/logs-generator", "--for=condition=Ready", "--timeout=30s");
      await eventually(async () =>
        expect(await kubectl.get("logs", "logs-generator")).to.contain("line 10 of the log"),
      );
      expect(await kubectl.get("logs", "logs-generator", "--tail=1")).to.equal("line 10 of the log");
      expect(await kubectl.get("logs", "logs-generator", "--limit-bytes=1")).to.equal("l");
      const stamped = await kubectl.get("logs", "logs-generator", "--tail=1", "--timestamps");
      expect(stamped).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 10 of the log$/);
      expect((await kubectl.get("logs", "logs-generator", "--since=24h")).split("\n")).to.have.length(10);
      await eventually(async () => expect(await kubectl.get("logs", "logs-generator", "--since=1s")).to.equal(""));
    }));

  it("[sig-architecture] Conformance Tests should have at least two untainted nodes [Conformance]", async () => {
    const { items } = await cluster.json<{ items: Node[] }>("get", "nodes");
    expect(items.filter(({ spec }) => (spec?.taints ?? []).length === 0)).to.have.length.at.least(2);
  });

  it("[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]", () =>
    inNamespace(async (kubectl) => {
      const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
      const script = `cat ${folder}/token; echo; cat ${folder}/namespace; echo; head -1 ${folder}/ca.crt; sleep 1000`;
      await kubectl.send(podManifest("mounted", script), "create");
      const lines = await eventually(async () => {
        const found = (await kubectl.get("logs", "mounted")).split("\n");
        expect(found).to.have.length(3);
        return found;
      });
      expect(lines.slice(1)).to.deep.equal([kubectl.namespace, "-----BEGIN CERTIFICATE-----"]);
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: lines[0] } };
      const { stdout } = await cluster.kubectl(["create", "-f", "-", "-o", "json"], { input: JSON.stringify(review) });
      const { status } = JSON.parse(stdout) as {
        status: { authenticated: boolean; user: { username: string; extra: object } };
      };
      expect(status.authenticated).to.equal(true);
      expect(status.user.username).to.equal(`system:serviceaccount:${kubectl.namespace}:default`);
      expect(status.user.extra).to.deep.include({ "authentication.kubernetes.io/pod-name": ["mounted"] });
    }));

  it("[sig-auth] ServiceAccounts should mount projected service account token [Conformance]", () =>
    inNamespace(async (kubectl) => {
      const token = { serviceAccountToken: { path: "token", expirationSeconds: 3600, audience: "book" } };
      const manifest = podManifest("projected", "", {
        volumes: [{ name: "token", projected: { sources: [token] } }],
        containers: [
          {
            name: "main",
            image: "host",
            command: ["sh", "-c", "cat /var/run/test/token; sleep 1000"],
            volumeMounts: [{ name: "token", mountPath: "/var/run/test" }],
          },
        ],
      });
      await kubectl.send(manifest, "create");
      await eventually(async () => {
        const [, claims = ""] = (await kubectl.get("logs", "projected")).split(".");
        expect(JSON.parse(Buffer.from(claims, "base64url").toString())).to.deep.include({ aud: ["book"] });
      });
    }));

  it("kubectl 1.35 forwards a port inside a WebSocket, without falling back", () =>
    inNamespace(async (kubectl) => {
      await kubectl.send(podManifest("served", server), "create");
      await kubectl.get("wait", "pod/served", "--for=condition=Ready", "--timeout=30s");
      const args = ["port-forward", "-n", kubectl.namespace, "-v=8", "pod/served", ":80"];
      const forward = await startKubectl(cluster, args, /Forwarding from 127\.0\.0\.1:(\d+) -> 80/);
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => (await fetch(`http://127.0.0.1:${forward.line[1]}/`)).text()),
      );
      expect(new Set(answers)).to.deep.equal(new Set(["hello from served\n"]));
      expect(forward.output()).to.contain("negotiated protocol: portforward.k8s.io");
      expect(forward.output()).to.contain("SPDY/3.1+portforward.k8s.io");
      expect(forward.output()).to.not.match(/fallback/i);
      await end(forward.child);
    }));
});
