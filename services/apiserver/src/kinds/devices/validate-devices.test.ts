import type { DeviceTaintRule, ResourceClaim, ResourceSlice } from "@tskube/api";
import { expect } from "chai";
import { checkCases, completed, texts } from "../testing/errors-of.ts";
import { validateResourceClaim, validateResourceClaimUpdate } from "./validate-requests.ts";
import { validateResourceSlice, validateTaintRule } from "./validate-slice.ts";

describe("a claim of devices", () => {
  const kind = ["resource.k8s.io/v1", "ResourceClaim"] as const;
  const asking = (...requests: object[]) => ({ spec: { devices: { requests } } });
  const at = "spec.devices.requests";
  checkCases<ResourceClaim>(kind, validateResourceClaim, [
    ["asks for one of a class", asking({ name: "a", exactly: { deviceClassName: "gpu" } }), []],
    [
      "asks in one way, under one name",
      asking({ name: "a" }, { name: "a", exactly: { deviceClassName: "", allocationMode: "All", count: 2 } }),
      [
        `${at}[0]: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`,
        `${at}[1].name: Duplicate value: "a"`,
        `${at}[1].exactly.deviceClassName: Required value`,
        `${at}[1].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`,
      ],
    ],
    [
      "constrains what it asks for",
      {
        spec: {
          devices: {
            requests: [{ name: "a", firstAvailable: [{ name: "x", deviceClassName: "gpu" }] }],
            constraints: [{ requests: ["a", "a/x", "b"], matchAttribute: "d/a" }],
          },
        },
      },
      [
        "spec.devices.constraints[0].requests[2]: Invalid value: \"b\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      ],
    ],
  ]);

  it("stays what it is", () => {
    const of = (count: number) =>
      completed<ResourceClaim>(...kind, asking({ name: "a", exactly: { deviceClassName: "gpu", count } }));
    expect(texts(validateResourceClaimUpdate(of(2), of(1)))[0]).to.match(
      /^spec: Invalid value: .*: field is immutable$/,
    );
  });
});

describe("a slice of devices", () => {
  const slice = (spec: object) => ({
    spec: {
      driver: "d.example.com",
      pool: { name: "p", resourceSliceCount: 1, generation: 1 },
      nodeName: "n",
      ...spec,
    },
  });
  checkCases<ResourceSlice>(["resource.k8s.io/v1", "ResourceSlice"], validateResourceSlice, [
    ["is on a node", slice({ devices: [{ name: "a" }] }), []],
    [
      "is in one place",
      slice({ allNodes: true }),
      [
        'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
      ],
    ],
    [
      "has devices once each",
      slice({ devices: [{ name: "a" }, { name: "a", taints: [{ key: "k", effect: "Bad" }] }] }),
      [
        'spec.devices[1].name: Duplicate value: "a"',
        'spec.devices[1].taints[0].effect: Unsupported value: "Bad": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
  ]);
});

describe("a taint of devices", () => {
  checkCases<DeviceTaintRule>(["resource.k8s.io/v1", "DeviceTaintRule"], validateTaintRule, [
    ["has a key and an effect", { spec: {} }, ["spec.taint.key: Required value", "spec.taint.effect: Required value"]],
  ]);
});
