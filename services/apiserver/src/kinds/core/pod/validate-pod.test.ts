import { type Pod, type PodSpec, setDefaults } from "@tskube/api";
import type { FieldError } from "@tskube/apimachinery";
import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { validatePod, validatePodUpdate } from "./validate-pod.ts";

const gvk = { group: "", version: "v1", kind: "Pod" };

function aPod(spec: Partial<PodSpec> = {}): Pod {
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    spec: { containers: [{ name: "c", image: "i" }], ...spec },
  };
  setDefaults(gvk, pod);
  return pod;
}

const texts = (errors: readonly FieldError[]) => errors.map(field.fieldErrorMessage);

describe("validatePod", () => {
  it("finds nothing wrong with a plain pod", () => {
    expect(texts(validatePod(aPod()))).to.deep.equal([]);
  });

  const container = (more: object) => ({ containers: [{ name: "c", image: "i", ...more }] });
  const cases: [string, Partial<PodSpec>, string][] = [
    ["no containers", { containers: [] }, "spec.containers: Required value"],
    [
      "two of a name",
      {
        containers: [
          { name: "c", image: "i" },
          { name: "c", image: "i" },
        ],
      },
      'spec.containers[1].name: Duplicate value: "c"',
    ],
    ["no image", { containers: [{ name: "c" }] }, "spec.containers[0].image: Required value"],
    [
      "a wrong policy",
      { restartPolicy: "Sometimes" },
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      "a mount of nothing",
      container({ volumeMounts: [{ name: "v", mountPath: "/v" }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    ["a volume without source", { volumes: [{ name: "v" }] }, ""],
    [
      "a port too high",
      container({ ports: [{ containerPort: 70000 }] }),
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
    [
      "a request above its limit",
      container({ resources: { limits: { cpu: "1" }, requests: { cpu: "2" } } }),
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      "an unknown resource",
      container({ resources: { limits: { apples: "1" }, requests: { apples: "1" } } }),
      'spec.containers[0].resources.limits[apples]: Invalid value: "apples": must be a standard resource type or fully qualified',
    ],
    [
      "a probe without handler",
      container({ livenessProbe: {} }),
      "spec.containers[0].livenessProbe: Required value: must specify a handler type",
    ],
    [
      "a toleration of nothing",
      { tolerations: [{ operator: "Exists", value: "x" }] },
      "spec.tolerations[0].operator: Invalid value: \"Exists\": value must be empty when `operator` is 'Exists'",
    ],
    [
      "a host port that differs",
      { hostNetwork: true, ...container({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
      "spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true",
    ],
    ["nothing in a secret without a name, which is only warned of", { imagePullSecrets: [{ name: "" }] }, ""],
  ];
  for (const [what, spec, message] of cases) {
    it(`notices ${what}`, () => {
      const found = texts(validatePod(aPod(spec)));
      if (message === "") expect(found).to.deep.equal([]);
      else expect(found).to.include(message);
    });
  }
});

describe("validatePodUpdate", () => {
  const changed = (change: (pod: Pod) => void) => {
    const old = aPod({ tolerations: [{ key: "a", operator: "Exists" }] });
    const pod = structuredClone(old);
    change(pod);
    return texts(validatePodUpdate(pod, old));
  };

  it("lets images, deadlines and added tolerations change", () => {
    const errors = changed((pod) => {
      pod.spec.containers = pod.spec.containers.map((one) => ({ ...one, image: "other" }));
      pod.spec.activeDeadlineSeconds = 5;
      pod.spec.tolerations = [...(pod.spec.tolerations ?? []), { key: "b", operator: "Exists" }];
    });
    expect(errors).to.deep.equal([]);
  });

  it("refuses everything else", () => {
    const [error] = changed((pod) => {
      pod.spec.nodeName = "elsewhere";
    });
    expect(error).to.match(/^spec: Forbidden: pod updates may not change fields other than/);
    expect(
      changed((pod) => {
        pod.spec.tolerations = [];
      }),
    ).to.deep.equal([
      "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
    ]);
    expect(
      changed((pod) => {
        pod.spec.containers = [...pod.spec.containers, { name: "d", image: "i" }];
      }),
    ).to.include("spec.containers: Forbidden: pod updates may not add or remove containers");
  });
});
