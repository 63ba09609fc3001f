import { type Pod, type PodSpec, setDefaults } from "@tskube/api";
import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { validatePod, validatePodResize, validatePodUpdate } from "./validate-pod.ts";

function aPod(spec: object = {}): Pod {
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    spec: { containers: [{ name: "c", image: "i" }], ...structuredClone(spec) } as PodSpec,
  };
  setDefaults({ group: "", version: "v1", kind: "Pod" }, pod);
  return pod;
}

const errorsOf = (spec: object) => validatePod(aPod(spec)).map(field.fieldErrorMessage);
const container = (more: object) => ({ containers: [{ name: "c", image: "i", ...more }] });
const mounting = (mount: object, more: object = {}) => ({
  volumes: [{ name: "v", emptyDir: {} }],
  ...container({ volumeMounts: [{ name: "v", mountPath: "/v", ...mount }], ...more }),
});
const volume = (source: object) => ({ volumes: [{ name: "v", ...source }] });
const env = (valueFrom: object, more: object = {}) => container({ env: [{ name: "E", valueFrom, ...more }] });
const projected = (source: object) => ({
  serviceAccountName: "a",
  volumes: [{ name: "v", projected: { sources: [source] } }],
});
const resources = (requests: object, limits: object = requests) => container({ resources: { requests, limits } });
const c0 = "spec.containers[0]";
const v0 = "spec.volumes[0]";

type Cases = readonly (readonly [what: string, spec: object, errors: readonly string[]])[];

function check(cases: Cases): void {
  for (const [what, spec, errors] of cases) it(what, () => expect(errorsOf(spec)).to.deep.equal(errors));
}

describe("a pod's containers", () => {
  check([
    [
      "have images without blanks around them",
      container({ image: " i " }),
      [`${c0}.image: Invalid value: " i ": must not have leading or trailing whitespace`],
    ],
    [
      "share names with those of the start",
      { initContainers: [{ name: "c", image: "i" }] },
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    [
      "that are to end have no probes",
      { initContainers: [{ name: "d", image: "i", livenessProbe: { exec: { command: ["x"] } } }] },
      [
        "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
      ],
    ],
    [
      "have one handler a probe",
      container({ livenessProbe: { exec: { command: ["x"] }, tcpSocket: { port: 1 } } }),
      [`${c0}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
    ],
    [
      "are asked over HTTP with headers that exist",
      container({ readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "A B", value: "" }] } } }),
      [
        `${c0}.readinessProbe.httpGet.httpHeaders: Invalid value: "A B": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
      ],
    ],
    [
      "have no grace of readiness",
      container({ readinessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 1 } }),
      [`${c0}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes`],
    ],
    [
      "sleep no longer than their grace",
      container({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
      [
        `${c0}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
      ],
    ],
    [
      "name a signal only for a known system",
      container({ lifecycle: { stopSignal: "SIGUSR1" } }),
      [`${c0}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``],
    ],
    [
      "have rules of restart only with a policy",
      container({ restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "Is", values: [1] } }] }),
      [
        `${c0}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
        `${c0}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"`,
      ],
    ],
    [
      "that are never restarted resize without",
      {
        restartPolicy: "Never",
        ...container({ resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] }),
      },
      [
        `${c0}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
      ],
    ],
  ]);
});

describe("a container's environment", () => {
  check([
    [
      "has names without equals signs",
      container({ env: [{ name: "a=b" }, { name: "" }] }),
      [
        `${c0}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
        `${c0}.env[1].name: Required value`,
      ],
    ],
    [
      "takes fields that a pod has",
      env({ fieldRef: { fieldPath: "spec.nope" } }),
      [
        `${c0}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nope": error converting fieldPath: field label not supported: spec.nope`,
      ],
    ],
    [
      "takes fields that do not change",
      env({ fieldRef: { fieldPath: "metadata.labels" } }),
      [
        `${c0}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
      ],
    ],
    ["takes single labels", env({ fieldRef: { fieldPath: "metadata.labels['a/b']" } }), []],
    [
      "takes no other subscripts",
      env({ fieldRef: { fieldPath: "status.podIPs['0']" } }),
      [
        `${c0}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "status.podIPs['0']": error converting fieldPath: field label does not support subscript: status.podIPs['0']`,
      ],
    ],
    [
      "divides resources by what makes sense",
      env({ resourceFieldRef: { resource: "limits.cpu", divisor: "1k" } }),
      [
        `${c0}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
      ],
    ],
    [
      "has one source, or a value",
      container({
        env: [
          { name: "A", valueFrom: {} },
          { name: "B", value: "x", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
          {
            name: "C",
            valueFrom: { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "", key: "" } },
          },
        ],
      }),
      [
        `${c0}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``,
        `${c0}.env[1].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
        `${c0}.env[2].valueFrom.configMapKeyRef.name: Required value`,
        `${c0}.env[2].valueFrom.configMapKeyRef.key: Required value`,
        `${c0}.env[2].valueFrom: Invalid value: "": may not have more than one field specified at a time`,
      ],
    ],
    [
      "comes from named objects",
      container({ envFrom: [{}, { configMapRef: {} }, { secretRef: { name: "s" }, configMapRef: { name: "m" } }] }),
      [
        `${c0}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
        `${c0}.envFrom[1].configMapRef.name: Required value`,
        `${c0}.envFrom: Invalid value: "": may not have more than one field specified at a time`,
      ],
    ],
  ]);
});

describe("a container's mounts", () => {
  check([
    [
      "stay inside of their volume",
      mounting({ subPath: "../up" }),
      [`${c0}.volumeMounts.subPath: Invalid value: "../up": must not contain '..'`],
    ],
    [
      "spread back only from privileged containers",
      mounting({ mountPropagation: "Bidirectional" }),
      [
        `${c0}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
      ],
    ],
    [
      "are read-only through and through only if read-only",
      mounting({ recursiveReadOnly: "Enabled" }),
      [`${c0}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`],
    ],
    [
      "stand beside devices, which are of claims",
      mounting({}, { volumeDevices: [{ name: "v", devicePath: "/v" }] }),
      [
        `${c0}.volumeMounts[0].name: Invalid value: "v": must not already exist in volumeDevices`,
        `${c0}.volumeMounts[0].mountPath: Invalid value: "/v": must not already exist as a path in volumeDevices`,
        `${c0}.volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
        `${c0}.volumeDevices[0].name: Invalid value: "v": must not already exist in volumeMounts`,
        `${c0}.volumeDevices[0].devicePath: Invalid value: "/v": must not already exist as a path in volumeMounts`,
      ],
    ],
  ]);
});

describe("a container's resources", () => {
  const huge = `${c0}.resources.limits[hugepages-2Mi]`;
  check([
    [
      "of others than Kubernetes are not promised twice",
      resources({ "example.com/gpu": "1" }, { "example.com/gpu": "2" }),
      [`${c0}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`],
    ],
    [
      "of others come whole",
      resources({ "example.com/gpu": "1500m" }),
      [
        `${c0}.resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer`,
        `${c0}.resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer`,
      ],
    ],
    [
      "of huge pages come in pages, with memory beside them",
      container({ resources: { limits: { "hugepages-2Mi": "3Mi" }, requests: { "hugepages-2Mi": "3Mi" } } }),
      [
        `${huge}: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
        `${c0}.resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
        `${c0}.resources: Forbidden: HugePages require cpu or memory`,
      ],
    ],
    [
      "without a name of their own are standard",
      resources({ gpu: "1" }),
      ["limits", "requests"].flatMap((list) => [
        `${c0}.resources.${list}[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`,
        `${c0}.resources.${list}[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
      ]),
    ],
    [
      "are claimed through the pod",
      container({ resources: { claims: [{ name: "x" }, { name: "x" }] } }),
      [
        `${c0}.resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty`,
        `${c0}.resources.claims[1]: Duplicate value: "x"`,
        `${c0}.resources.claims[1]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty`,
      ],
    ],
    [
      "fit into those of the pod",
      { resources: { requests: { cpu: "1" } }, ...resources({ cpu: "1500m" }, {}) },
      [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m',
      ],
    ],
  ]);
});

describe("names that every object has", () => {
  it("are no amounts of resources", () => {
    const errors = errorsOf({ resources: { requests: { constructor: "1" } }, ...resources({ constructor: "1" }, {}) });
    expect(errors).to.include(
      'spec.resources.requests[constructor]: Unsupported value: "constructor": supported values: "cpu", "memory"',
    );
  });
});

describe("a pod's volumes", () => {
  check([
    [
      "that are wrong cannot be mounted",
      {
        ...volume({ nfs: { server: "s", path: "relative" } }),
        ...container({ volumeMounts: [{ name: "v", mountPath: "/v" }] }),
      },
      [
        `${v0}.nfs.path: Invalid value: "relative": must be an absolute path`,
        `${c0}.volumeMounts[0].name: Not found: "v"`,
      ],
    ],
    [
      "have one source",
      volume({ emptyDir: {}, hostPath: { path: "/a" } }),
      [`${v0}.hostPath: Forbidden: may not specify more than 1 volume type`],
    ],
    [
      "of hosts have a known type and no way up",
      volume({ hostPath: { path: "/a/../b", type: "Hole" } }),
      [
        `${v0}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
        `${v0}.hostPath.type: Unsupported value: "Hole": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"`,
      ],
    ],
    [
      "of iSCSI say which",
      volume({ iscsi: { targetPortal: "", iqn: "x", lun: 300 } }),
      [
        `${v0}.iscsi.targetPortal: Required value`,
        `${v0}.iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa`,
        `${v0}.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive`,
      ],
    ],
    [
      "of rarer kinds need what they need",
      {
        volumes: [
          { name: "a", rbd: { monitors: [], image: "" } },
          { name: "b", cephfs: { monitors: [] } },
          { name: "c", azureFile: {} },
          { name: "d", csi: { driver: "", nodePublishSecretRef: {} } },
          { name: "e", image: {} },
          { name: "f", ephemeral: {} },
        ],
      },
      [
        `${v0}.rbd.monitors: Required value`,
        `${v0}.rbd.image: Required value`,
        "spec.volumes[1].cephfs.monitors: Required value",
        "spec.volumes[2].azureFile.secretName: Required value",
        "spec.volumes[2].azureFile.shareName: Required value",
        "spec.volumes[3].csi.driver: Required value",
        "spec.volumes[3].csi.nodePublishSecretRef.name: Required value",
        "spec.volumes[4].image.reference: Required value",
        "spec.volumes[5].ephemeral.volumeClaimTemplate: Required value",
      ],
    ],
    [
      "with fields of the pod say which",
      volume({ downwardAPI: { items: [{ path: "..x" }] } }),
      [
        `${v0}.downwardAPI.path: Invalid value: "..x": must not start with '..'`,
        `${v0}.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required`,
      ],
    ],
    [
      "with tokens let them live long enough",
      projected({ serviceAccountToken: { path: "t", expirationSeconds: 10 } }),
      [
        `${v0}.projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes`,
      ],
    ],
    [
      "have tokens only of an account",
      { volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }] },
      [
        `${v0}.projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set`,
      ],
    ],
  ]);
});

describe("a pod's spec", () => {
  check([
    [
      "brings its own name servers when it says so",
      { dnsPolicy: "None" },
      ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    ],
    [
      "has few name servers, each an address",
      { dnsConfig: { nameservers: ["1.1.1.1", "a", "2.2.2.2", "3.3.3.3"], options: [{}] } },
      [
        'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","a","2.2.2.2","3.3.3.3"]: must not have more than 3 nameservers',
        'spec.dnsConfig.nameservers[1]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        "spec.dnsConfig.options[0]: Required value: must not be empty",
      ],
    ],
    [
      "waits for gates once each, and without a node",
      { nodeName: "n", schedulingGates: [{ name: "a" }, { name: "a" }] },
      [
        'spec.schedulingGates[1]: Duplicate value: "a"',
        "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
      ],
    ],
    [
      "claims devices by one name",
      { resourceClaims: [{ name: "a" }] },
      [
        'spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ],
    ],
    [
      "keeps to what its system has",
      { os: { name: "windows" }, hostPID: true, securityContext: { runAsUser: 1 } },
      [
        "spec.hostPID: Forbidden: cannot be set for a windows pod",
        "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
      ],
    ],
    [
      "has users of its own only outside of the host's namespaces",
      { hostUsers: false, hostIPC: true },
      ["spec.HostIPC: Forbidden: when `pod.Spec.HostUsers` is false"],
    ],
    [
      "does not share processes twice",
      { hostPID: true, shareProcessNamespace: true },
      [
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
      ],
    ],
    [
      "names profiles where they belong",
      {
        securityContext: {
          seccompProfile: { type: "Localhost" },
          appArmorProfile: { type: "Unconfined", localhostProfile: "x" },
        },
      },
      [
        "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
        'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost',
      ],
    ],
    [
      "has overhead of known resources",
      { overhead: { cpu: "-1" } },
      ['spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ]);
});

describe("a resize of a pod", () => {
  const resized = (before: object, after: object) =>
    validatePodResize(aPod(container({ resources: after })), aPod(container({ resources: before }))).map(
      field.fieldErrorMessage,
    );

  it("may change amounts", () => {
    expect(resized({ requests: { cpu: "1" } }, { requests: { cpu: "2" } })).to.deep.equal([]);
  });

  it("keeps the quality of service and what is bounded", () => {
    expect(resized({}, { requests: { cpu: "1" } })).to.deep.equal([
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ]);
    const bounded = { requests: { cpu: "1" }, limits: { cpu: "2" } };
    expect(resized(bounded, { requests: { cpu: "1" } })).to.deep.equal([
      `${c0}.resources.limits: Forbidden: resource limits cannot be removed`,
    ]);
    expect(resized(bounded, { ...bounded, requests: { cpu: "1", "ephemeral-storage": "1Gi" } })).to.deep.equal([
      `${c0}.resources.requests: Forbidden: only cpu and memory resources are mutable`,
    ]);
  });
});

describe("an update of a gated pod", () => {
  it("may only narrow where it can go", () => {
    const gated = (nodeSelector: object) => aPod({ schedulingGates: [{ name: "g" }], nodeSelector });
    const update = (after: object) => validatePodUpdate(gated(after), gated({ a: "1" })).map(({ field: at }) => at);
    expect(update({ a: "1", b: "2" })).to.deep.equal([]);
    expect(update({ b: "2" })).to.deep.equal(["spec.nodeSelector"]);
  });
});
