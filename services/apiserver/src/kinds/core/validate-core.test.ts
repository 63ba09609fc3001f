import type { coreV1, Endpoints, LimitRange, ReplicationController, ResourceQuota, Secret } from "@tskube/api";
import { expect } from "chai";
import { validateReplicationController } from "../apps/validate-replication-controller.ts";
import { checkCases, completed, texts } from "../testing/errors-of.ts";
import { validateEvent } from "./event/validate-event.ts";
import { endpointAddressRule, specialAddressErrors } from "./service/special-addresses.ts";
import { validateEndpoints } from "./service/validate-endpoints.ts";
import { validateSecret } from "./validate-config.ts";
import { validateLimitRange } from "./validate-limit-range.ts";
import { validateQuota, validateQuotaUpdate } from "./validate-quota.ts";

describe("an event", () => {
  const about = (namespace: string) => ({ involvedObject: { kind: "Pod", name: "p", namespace } });
  checkCases<coreV1.Event>(["v1", "Event"], validateEvent, [
    ["is noted where its object lives", about("default"), []],
    [
      "is not noted elsewhere",
      about("other"),
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    [
      "with a time of its own says who saw it do what",
      { ...about("default"), eventTime: "2026-01-01T00:00:00.000000Z", reportingComponent: "a b" },
      [
        "reportingController: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        "reportingInstance: Required value",
        "action: Required value",
        "reason: Required value",
      ],
    ],
  ]);
});

describe("endpoints", () => {
  it("lets pods of a cluster without root have loopback addresses, and none that are less than that", () => {
    const of = (ip: string) =>
      ({ subsets: [{ addresses: [{ ip }], ports: [{ port: 80, protocol: "TCP" }] }] }) as Endpoints;
    expect(validateEndpoints(of("127.244.0.2"), endpointAddressRule(true))).to.deep.equal([]);
    expect(validateEndpoints(of("169.254.0.2"), endpointAddressRule(true))).to.have.length(1);
    expect(validateEndpoints(of("127.244.0.2"), endpointAddressRule(false))).to.have.length(1);
  });

  checkCases<Endpoints>(["v1", "Endpoints"], (object) => validateEndpoints(object, specialAddressErrors), [
    [
      "have addresses that others can reach, and names where there are several ports",
      {
        subsets: [
          { ports: [{ port: 1, protocol: "TCP" }] },
          {
            addresses: [{ ip: "127.0.0.1" }, { ip: "169.254.1.1" }, { ip: "x" }],
            ports: [{ port: 1, name: "a" }, { port: 0 }],
          },
        ],
      },
      [
        "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
        'subsets[1].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'subsets[1].addresses[1].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'subsets[1].addresses[2].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        "subsets[1].ports[1].name: Required value",
        "subsets[1].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      ],
    ],
  ]);
});

describe("a quota", () => {
  const kind = ["v1", "ResourceQuota"] as const;
  const bound = (spec: object) => ({ spec: { hard: { pods: "1" }, ...spec } });
  const selecting = (one: object) => bound({ scopeSelector: { matchExpressions: [one] } });
  const at = "spec.scopeSelector.matchExpressions";
  checkCases<ResourceQuota>(kind, validateQuota, [
    [
      "bounds resources that exist, in whole numbers",
      { spec: { hard: { apples: "1", pods: "1500m", "count/jobs.batch": "3" } } },
      [
        'spec.hard[apples]: Invalid value: "apples": must be a standard resource for quotas',
        'spec.hard[pods]: Invalid value: "1500m": must be an integer',
      ],
    ],
    [
      "has scopes for what they are about",
      { spec: { hard: { services: "1" }, scopes: ["BestEffort", "Odd"] } },
      [
        'spec.scopes: Invalid value: ["BestEffort","Odd"]: unsupported scope applied to resource',
        'spec.scopes: Invalid value: ["BestEffort","Odd"]: unsupported scope',
        'spec.scopes: Invalid value: ["BestEffort","Odd"]: unsupported scope applied to resource',
      ],
    ],
    [
      "selects by priority with values",
      selecting({ scopeName: "PriorityClass", operator: "In" }),
      [
        `${at}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
      ],
    ],
    [
      "selects by other scopes only as they are",
      selecting({ scopeName: "Terminating", operator: "DoesNotExist" }),
      [
        `${at}.operator: Invalid value: "DoesNotExist": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      ],
    ],
  ]);

  it("keeps its scopes", () => {
    const of = (scopes: readonly string[]) => completed<ResourceQuota>(...kind, bound({ scopes }));
    expect(texts(validateQuotaUpdate(of(["Terminating"]), of([])))).to.deep.equal([
      'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
    ]);
  });
});

describe("a replication controller", () => {
  const template = (labels: object) => ({
    metadata: { labels },
    spec: { restartPolicy: "OnFailure", containers: [{ name: "c", image: "i" }] },
  });
  checkCases<ReplicationController>(["v1", "ReplicationController"], validateReplicationController, [
    [
      "selects the pods it makes, which run for ever",
      { spec: { selector: { a: "1" }, template: template({ a: "2" }) } },
      [
        'spec.template.metadata.labels: Invalid value: {"a":"2"}: `selector` does not match template `labels`',
        'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      ],
    ],
    ["selects something", { spec: {} }, ["spec.selector: Required value", "spec.template: Required value"]],
  ]);
});

describe("names that every object has", () => {
  checkCases<Secret>(["v1", "Secret"], validateSecret, [["are types like others", { type: "toString" }, []]]);
  checkCases<LimitRange>(["v1", "LimitRange"], validateLimitRange, [
    [
      "are resources like others",
      { spec: { limits: [{ type: "Container", min: { constructor: "2" }, max: { constructor: "1" } }] } },
      [
        'spec.limits[0].min[constructor]: Invalid value: "2": min value 2 is greater than max value 1',
        'spec.limits[0].defaultRequest[constructor]: Invalid value: "1": min value 2 is greater than default request value 1',
        'spec.limits[0].default[constructor]: Invalid value: "1": min value 2 is greater than default limit value 1',
      ],
    ],
  ]);
});
