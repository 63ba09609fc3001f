import type { Service } from "@tskube/api";
import { expect } from "chai";
import { serviceEnvironment } from "./service-environment.ts";

function aService(namespace: string, name: string, clusterIP: string): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name },
    spec: { clusterIP, ports: [{ name: "http", port: 80, protocol: "TCP" }] },
  };
}

const services = [
  aService("default", "kubernetes", "10.96.0.1"),
  aService("shop", "web-front", "10.96.0.5"),
  aService("shop", "headless", "None"),
  aService("other", "far", "10.96.0.6"),
];

describe("service environment", () => {
  it("has the namespace's services and the API in both forms", () => {
    const variables = Object.fromEntries(serviceEnvironment(services, "shop", true));
    expect(variables).to.deep.equal({
      KUBERNETES_SERVICE_HOST: "10.96.0.1",
      KUBERNETES_SERVICE_PORT: "80",
      KUBERNETES_SERVICE_PORT_HTTP: "80",
      KUBERNETES_PORT: "tcp://10.96.0.1:80",
      KUBERNETES_PORT_80_TCP: "tcp://10.96.0.1:80",
      KUBERNETES_PORT_80_TCP_PROTO: "tcp",
      KUBERNETES_PORT_80_TCP_PORT: "80",
      KUBERNETES_PORT_80_TCP_ADDR: "10.96.0.1",
      WEB_FRONT_SERVICE_HOST: "10.96.0.5",
      WEB_FRONT_SERVICE_PORT: "80",
      WEB_FRONT_SERVICE_PORT_HTTP: "80",
      WEB_FRONT_PORT: "tcp://10.96.0.5:80",
      WEB_FRONT_PORT_80_TCP: "tcp://10.96.0.5:80",
      WEB_FRONT_PORT_80_TCP_PROTO: "tcp",
      WEB_FRONT_PORT_80_TCP_PORT: "80",
      WEB_FRONT_PORT_80_TCP_ADDR: "10.96.0.5",
    });
  });

  it("has the API alone when links are off", () => {
    expect(
      [...serviceEnvironment(services, "shop", false).keys()].every((name) => name.startsWith("KUBERNETES_")),
    ).to.equal(true);
  });
});
