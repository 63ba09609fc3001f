import { type Pod, type PodSpec, setDefaults } from "@tskube/api";
import { Path } from "@tskube/apimachinery";
import { expect } from "chai";
import { podWarnings, templateWarnings } from "./warnings.ts";

function aPod(spec: object, metadata: object = {}): Pod {
  const containers = [{ name: "c", image: "i" }];
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", ...metadata },
    spec: { containers, ...structuredClone(spec) } as PodSpec,
  };
  setDefaults({ group: "", version: "v1", kind: "Pod" }, pod);
  return pod;
}

describe("warnings of pods", () => {
  const cases: readonly [string, Pod, readonly string[]][] = [
    ["nothing", aPod({}), []],
    [
      "old labels of nodes",
      aPod({
        nodeSelector: { "beta.kubernetes.io/os": "linux" },
        topologySpreadConstraints: [
          { topologyKey: "failure-domain.beta.kubernetes.io/zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" },
        ],
      }),
      [
        'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
        'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
        "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
      ],
    ],
    [
      "what a container says twice, and bytes in parts",
      aPod({
        containers: [
          {
            name: "c",
            image: "i",
            env: [{ name: "A" }, { name: "A" }],
            ports: [{ containerPort: 80, name: "a" }, { containerPort: 80 }, { containerPort: 81, name: "a" }],
            resources: { limits: { memory: "1500m" } },
          },
        ],
      }),
      [
        'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
        'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer',
        'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
        "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
        'spec.containers[0].ports[2]: duplicate port name "a" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    ],
    [
      "volumes and annotations of old, and names that are none",
      aPod(
        {
          volumes: [{ name: "v", gitRepo: { repository: "r" } }],
          imagePullSecrets: [{}],
          terminationGracePeriodSeconds: -1,
        },
        { name: "a.b", annotations: { "container.apparmor.security.beta.kubernetes.io/c": "unconfined" } },
      ),
      [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
        "spec.volumes[0].gitRepo: deprecated in v1.11",
        'spec.imagePullSecrets[0].name: invalid empty name ""',
        "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
      ],
    ],
  ];
  for (const [what, pod, warnings] of cases) {
    it(`tell of ${what}`, () => expect(podWarnings(pod)).to.deep.equal(warnings));
  }

  it("are told of a template by where it stands", () => {
    const template = { metadata: {}, spec: aPod({ nodeSelector: { "beta.kubernetes.io/os": "linux" } }).spec };
    expect(templateWarnings(template, Path.of("spec", "template"))).to.deep.equal([
      'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ]);
  });
});
