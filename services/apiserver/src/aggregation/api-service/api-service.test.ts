import { expect } from "chai";
import type { APIService, APIServiceSpec } from "./api-service.ts";
import { apiServiceColumns } from "./columns.ts";
import { localAvailability, withAvailability } from "./conditions.ts";
import { apiServiceStrategy } from "./strategy.ts";
import { validateApiService, validateApiServiceStatus } from "./validate.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");
const service = { namespace: "sample", name: "api", port: 443 };

function anApiService(spec: Partial<APIServiceSpec> = {}, name = "v1.example.com"): APIService {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name },
    spec: { group: "example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 15, ...spec },
  };
}

describe("an APIService", () => {
  const cases: readonly (readonly [string, APIService, readonly string[]])[] = [
    ["is fine without a service", anApiService(), []],
    ["is fine with one", anApiService({ service, caBundle: "Y2E=" }), []],
    ["may stand for the core group", anApiService({ group: "", version: "v1" }, "v1."), []],
    [
      "has the name of its version and group",
      anApiService({}, "v2.example.com"),
      ['metadata.name: must be `spec.version+"."+spec.group`: "v1.example.com"'],
    ],
    [
      "needs a group with any version but v1",
      anApiService({ group: "", version: "v2" }, "v2."),
      ["spec.group: only v1 may have an empty group and it better be legacy kube"],
    ],
    [
      "has priorities within their ranges",
      anApiService({ groupPriorityMinimum: 20_001, versionPriority: 0 }),
      [
        "spec.groupPriorityMinimum: must be positive and less than 20000",
        "spec.versionPriority: must be positive and less than 1000",
      ],
    ],
    [
      "has nothing to do with TLS while it is local",
      anApiService({ caBundle: "Y2E=", insecureSkipTLSVerify: true }),
      [
        "spec.caBundle: local APIServices may not have a caBundle",
        "spec.insecureSkipTLSVerify: local APIServices may not have insecureSkipTLSVerify",
      ],
    ],
    [
      "names its service whole",
      anApiService({ service: {}, insecureSkipTLSVerify: true, caBundle: "Y2E=" }),
      [
        "spec.service.namespace: ",
        "spec.service.name: ",
        "spec.insecureSkipTLSVerify: may not be true if caBundle is present",
      ],
    ],
  ];
  for (const [name, object, expected] of cases) {
    it(name, () => {
      expect(validateApiService(object).map(({ field, detail }) => `${field}: ${detail}`)).to.deep.equal(expected);
    });
  }

  it("has conditions with one of three statuses", () => {
    const status = { conditions: [{ type: "Available", status: "Maybe" }] };
    const [error] = validateApiServiceStatus({ ...anApiService(), status });
    expect(error?.field).to.equal("status.conditions[0].status");
    expect(error?.detail).to.equal('supported values: "True", "False", "Unknown"');
  });

  it("is available from its creation when this server answers for it, and only then", () => {
    const strategy = apiServiceStrategy({ now: () => nowMs });
    const [local, remote] = [anApiService(), anApiService({ service })];
    strategy.prepareForCreate?.(local);
    strategy.prepareForCreate?.(remote);
    expect(local.status?.conditions).to.deep.equal([
      {
        type: "Available",
        status: "True",
        reason: "Local",
        message: "Local APIServices are always available",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ]);
    expect(remote.status).to.equal(undefined);
  });

  it("keeps its labels when its status is written", () => {
    const old = { ...anApiService(), metadata: { name: "v1.example.com", labels: { a: "b" } } };
    const written = { ...anApiService(), metadata: { name: "v1.example.com", labels: { c: "d" } } };
    apiServiceStrategy({ now: () => nowMs }).status?.prepareForUpdate?.(written, old);
    expect(written.metadata.labels).to.deep.equal({ a: "b" });
  });

  it("is shown with its service and whether it is available", () => {
    const cells = (object: APIService) => apiServiceColumns.cells(object).slice(0, 3);
    expect(cells(withAvailability(anApiService(), localAvailability, nowMs))).to.deep.equal([
      "v1.example.com",
      "Local",
      "True",
    ]);
    const missing = { status: "False", reason: "MissingEndpoints", message: "" } as const;
    const remote = anApiService({ service });
    expect(cells(remote)).to.deep.equal(["v1.example.com", "sample/api", "Unknown"]);
    expect(cells(withAvailability(remote, missing, nowMs))[2]).to.equal("False (MissingEndpoints)");
  });
});
