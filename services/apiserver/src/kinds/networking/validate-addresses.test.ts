import type { IngressClass, IPAddress, ServiceCIDR } from "@tskube/api";
import { expect } from "chai";
import { checkCases, completed, texts } from "../testing/errors-of.ts";
import {
  addressNameErrors,
  validateAddress,
  validateIngressClass,
  validateServiceRange,
  validateServiceRangeUpdate,
} from "./validate-addresses.ts";

describe("an address as an object", () => {
  it("is called by its canonical form", () => {
    expect(["10.0.0.1", "2001:db8::1"].flatMap(addressNameErrors)).to.deep.equal([]);
    expect(addressNameErrors("2001:DB8::1")).to.deep.equal(["must be a canonical form IP address"]);
    expect(addressNameErrors("10.0.0.01")).to.deep.equal(["must be a canonical form IP address"]);
    expect(addressNameErrors("a")).to.deep.equal(["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]);
  });

  checkCases<IPAddress>(["networking.k8s.io/v1", "IPAddress"], validateAddress, [
    ["belongs to something", { spec: {} }, ["spec.parentRef: Required value"]],
    [
      "belongs to something with a name",
      { spec: { parentRef: { resource: "services" } } },
      ["spec.parentRef.name: Required value"],
    ],
  ]);
});

describe("a range of services' addresses", () => {
  const kind = ["networking.k8s.io/v1", "ServiceCIDR"] as const;
  checkCases<ServiceCIDR>(kind, validateServiceRange, [
    ["is there", { spec: {} }, ["spec.cidrs: Required value: at least one CIDR required"]],
    [
      "is one of each family",
      { spec: { cidrs: ["10.0.0.0/24", "10.1.0.0/24"] } },
      [
        'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96',
      ],
    ],
  ]);

  it("may get a second family and else stays", () => {
    const of = (...cidrs: string[]) => completed<ServiceCIDR>(...kind, { spec: { cidrs } });
    const update = (after: ServiceCIDR) => texts(validateServiceRangeUpdate(after, of("10.0.0.0/24")));
    expect(update(of("10.0.0.0/24", "fd00::/112"))).to.deep.equal([]);
    expect(update(of("10.1.0.0/24"))).to.deep.equal(['spec.cidrs: Invalid value: ["10.1.0.0/24"]: field is immutable']);
  });
});

describe("a class of ingresses", () => {
  const at = "spec.parameters";
  checkCases<IngressClass>(["networking.k8s.io/v1", "IngressClass"], validateIngressClass, [
    ["has a controller", { spec: {} }, ["spec.controller: Required value"]],
    [
      "has parameters somewhere",
      { spec: { controller: "a.io/c", parameters: { kind: "", name: "n", scope: "Namespace" } } },
      [
        `${at}.kind: Required value: kind is required`,
        `${at}.namespace: Required value: \`parameters.scope\` is set to 'Namespace'`,
      ],
    ],
  ]);
});
