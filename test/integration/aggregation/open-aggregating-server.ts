import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resources } from "@tskube/api";
import { openEmbeddedStore } from "@tskube/store";
import { openServerOver, type TestServer } from "../apiserver/open-test-server.ts";
import { group, version } from "./flunders.ts";
import { type FrontProxy, makeFrontProxy } from "./front-proxy.ts";
import type { SampleServer } from "./sample-server.ts";

export interface AggregatingServer extends TestServer {
  readonly frontProxy: FrontProxy;
  /** Makes a service whose endpoint the sample server is, in a namespace of its own. */
  publish(sample: SampleServer, namespace: string, name: string): Promise<void>;
}

export const servicePort = 7443;
export const apiServicePath = "/apis/apiregistration.k8s.io/v1/apiservices";
export const apiServiceName = `${version}.${group}`;

/** A whole apiserver in memory that reaches extension servers at their endpoints, with its controllers of APIServices running. */
export async function openAggregatingServer(): Promise<AggregatingServer> {
  const directory = mkdtempSync(join(tmpdir(), "tskube-aggregation-"));
  const store = await openEmbeddedStore({ directory, isDurable: false });
  const frontProxy = await makeFrontProxy();
  const proxyClient = { current: frontProxy.client, onChange: () => {} };
  const api = await openServerOver(store, {
    aggregation: { proxyClient, routesToEndpoints: true },
    authenticator: { apiAudiences: [], requestHeader: { clientCa: frontProxy.ca, usernameHeaders: ["X-My-User"] } },
  });
  api.server.aggregation.startControllers(resources.groups);
  return {
    ...api,
    frontProxy,
    publish: (sample, namespace, name) => publish(api, sample, namespace, name),
    async close() {
      await api.close();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function publish(
  { send }: Pick<TestServer, "send">,
  sample: SampleServer,
  namespace: string,
  name: string,
): Promise<void> {
  await send("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  const ports = [{ port: servicePort, targetPort: sample.address.port }];
  await send("POST", `/api/v1/namespaces/${namespace}/services`, { metadata: { name }, spec: { ports } });
  await send("POST", `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    metadata: { name, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: [{ name: "", port: sample.address.port, protocol: "TCP" }],
    endpoints: [{ addresses: [sample.address.host], conditions: { ready: true } }],
  });
}

/** The APIService of the sample server's only version. */
export function anApiService(
  sample: Pick<SampleServer, "caBundle">,
  namespace: string,
  name: string,
  more: object = {},
): object {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: apiServiceName },
    spec: {
      group,
      version,
      service: { namespace, name, port: servicePort },
      groupPriorityMinimum: 2000,
      versionPriority: 200,
      caBundle: sample.caBundle,
      ...more,
    },
  };
}
