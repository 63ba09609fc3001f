import type { Service } from "@tskube/api";
import { checkCases } from "../../testing/errors-of.ts";
import { validateService } from "./validate-service.ts";

const ports = [{ port: 80 }];
const spec = (more: object) => ({ spec: { ports, ...more } });

describe("a service", () => {
  checkCases<Service>(["v1", "Service"], validateService, [
    ["needs ports", spec({ ports: [] }), ["spec.ports: Required value"]],
    [
      "has ports with names, once each, and none of the kubelet's to the outside",
      spec({ type: "LoadBalancer", ports: [{ port: 10_250 }, { port: 80, name: "a" }, { port: 80, name: "a" }] }),
      [
        "spec.ports[0].name: Required value",
        "spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet",
        'spec.ports[2].name: Duplicate value: "a"',
        'spec.ports[2]: Duplicate value: {"port":80,"protocol":"TCP"}',
      ],
    ],
    [
      "has node ports only where nodes listen",
      spec({ ports: [{ port: 80, nodePort: 30_000 }] }),
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      "has for a name no address",
      { spec: { type: "ExternalName", externalName: "a_b", clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] } },
      [
        "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
        "spec.externalName: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      "keeps to a client for a day at most",
      spec({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 90_000 } } }),
      [
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400",
      ],
    ],
    [
      "within the cluster says nothing of the outside",
      spec({
        externalTrafficPolicy: "Local",
        healthCheckNodePort: 30_001,
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        loadBalancerClass: "a/b",
      }),
      [
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
        "spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ],
    ],
    [
      "prefers endpoints in known ways, and has addresses that can be reached",
      spec({ trafficDistribution: "Near", externalIPs: ["127.0.0.1"] }),
      [
        'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
      ],
    ],
  ]);
});
