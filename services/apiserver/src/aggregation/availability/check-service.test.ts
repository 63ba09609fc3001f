import type { EndpointSlice, Service } from "@tskube/api";
import { expect } from "chai";
import { checkService } from "./check-service.ts";

const target = { namespace: "ns", name: "api", port: 443 };

function aService(spec: object): Service {
  return { metadata: { name: "api", namespace: "ns" }, spec } as Service;
}

function aSlice(isReady: boolean | undefined, portName = "https"): EndpointSlice {
  const conditions = isReady === undefined ? {} : { ready: isReady };
  return {
    ports: [{ name: portName, port: 8443 }],
    endpoints: [{ addresses: ["10.0.0.1"], conditions }],
  } as unknown as EndpointSlice;
}

const service = aService({ type: "ClusterIP", ports: [{ name: "https", port: 443 }] });

describe("an extension server's service", () => {
  const cases: readonly (readonly [string, Service | undefined, readonly EndpointSlice[], string])[] = [
    ["is missing", undefined, [], 'ServiceNotFound: service/api in "ns" is not present'],
    [
      "does not listen on the port",
      aService({ ports: [{ port: 80 }] }),
      [aSlice(true)],
      'ServicePortError: service/api in "ns" is not listening on port 443',
    ],
    ["has no endpoints", service, [], 'EndpointsNotFound: cannot find endpointslices for service/api in "ns"'],
    [
      "has none that are ready",
      service,
      [aSlice(false)],
      'MissingEndpoints: endpointslices for service/api in "ns" have no addresses with port name "https"',
    ],
    [
      "has none with the port",
      service,
      [aSlice(true, "http")],
      'MissingEndpoints: endpointslices for service/api in "ns" have no addresses with port name "https"',
    ],
  ];
  for (const [name, found, slices, expected] of cases) {
    it(`${name}, which is told without asking anybody`, () => {
      const { status, reason, message } = checkService(target, found, slices) ?? {};
      expect(status).to.equal("False");
      expect(`${reason}: ${message}`).to.equal(expected);
    });
  }

  it("has to be asked when an endpoint is ready, or nobody says that it is not", () => {
    expect(checkService(target, service, [aSlice(false), aSlice(true)])).to.equal(undefined);
    expect(checkService(target, service, [aSlice(undefined)])).to.equal(undefined);
  });

  it("has to be asked when it is of a type that tells nothing of endpoints", () => {
    expect(checkService(target, aService({ type: "ExternalName", externalName: "elsewhere" }), [])).to.equal(undefined);
  });
});
