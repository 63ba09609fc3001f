/** Definitions of the shapes that well-known operators have: our own text, with the features of the format that theirs use. */

type Schema = Readonly<Record<string, unknown>>;

const text = (description: string, more: Schema = {}): Schema => ({ type: "string", description, ...more });
const whole = (description: string, more: Schema = {}): Schema => ({ type: "integer", description, ...more });
const flag = (description: string): Schema => ({ type: "boolean", description });
const list = (items: Schema, more: Schema = {}): Schema => ({ type: "array", items, ...more });
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: "object",
  properties,
  ...more,
});
const texts: Schema = { type: "object", additionalProperties: { type: "string" } };

const time = text("When it was seen last.", { format: "date-time" });
const condition = object(
  {
    type: text("What it is about."),
    status: text("Whether it holds.", { enum: ["True", "False", "Unknown"] }),
    reason: text("Why, in one word."),
    message: text("Why, in a sentence."),
    lastTransitionTime: time,
    observedGeneration: whole("What it was seen of.", { format: "int64" }),
  },
  { required: ["status", "type"] },
);
const conditions = list(condition, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });

interface Kind {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly short?: readonly string[];
  readonly version?: string;
  readonly spec: Schema;
  readonly status?: Schema;
  readonly more?: Schema;
}

function definition({ group, plural, kind, short = [], version = "v1", spec, status, more = {} }: Kind) {
  const fields = { apiVersion: text("The version."), kind: text("The kind."), metadata: { type: "object" } };
  const schema = object({ ...fields, spec, ...(status && { status }) }, { required: ["spec"] });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind, listKind: `${kind}List`, singular: kind.toLowerCase(), shortNames: short },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          ...more,
        },
      ],
    },
  };
}

/** A certificate as a certificate manager defines it: columns, selectable fields, list maps, durations, enums and rules. */
export const certificates = definition({
  group: "certs.field.example.com",
  plural: "certificates",
  kind: "Certificate",
  short: ["cert", "certs"],
  spec: object(
    {
      secretName: text("Where the certificate is kept."),
      commonName: text("The name, if there is but one.", { maxLength: 64 }),
      dnsNames: list({ type: "string" }, { "x-kubernetes-list-type": "atomic" }),
      duration: text("How long it is good for.", { pattern: "^([0-9]+(s|m|h))+$" }),
      renewBefore: text("How long before its end it is made anew."),
      renewBeforePercentage: whole("The same, in hundredths.", { format: "int32", minimum: 1, maximum: 99 }),
      issuerRef: object(
        { name: text("Whose."), kind: text("Of which kind.", { default: "Issuer" }), group: text("Of which group.") },
        { required: ["name"] },
      ),
      privateKey: object({
        algorithm: text("How it is made.", { enum: ["RSA", "ECDSA", "Ed25519"] }),
        size: whole("How long it is."),
        rotationPolicy: text("When it is made anew.", { enum: ["Never", "Always"], default: "Always" }),
      }),
      usages: list({ type: "string", enum: ["digital signature", "key encipherment", "server auth", "client auth"] }),
      otherNames: list(object({ oid: text("Which."), utf8Value: text("What.") })),
    },
    {
      required: ["issuerRef", "secretName"],
      "x-kubernetes-validations": [
        {
          rule: "!(has(self.renewBefore) && has(self.renewBeforePercentage))",
          message: "renewBefore and renewBeforePercentage exclude each other",
        },
      ],
    },
  ),
  status: object({
    conditions,
    notAfter: time,
    renewalTime: time,
    revision: whole("How often it was made."),
    failedIssuanceAttempts: whole("How often it was not."),
  }),
  more: {
    additionalPrinterColumns: [
      { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type == "Ready")].status' },
      { name: "Secret", type: "string", jsonPath: ".spec.secretName" },
      { name: "Issuer", type: "string", jsonPath: ".spec.issuerRef.name", priority: 1 },
      { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    ],
    selectableFields: [{ jsonPath: ".spec.issuerRef.group" }, { jsonPath: ".spec.issuerRef.kind" }],
  },
});

/** A resource's amounts: numbers or texts of a pattern, as generators write them. */
const quantity: Schema = {
  "x-kubernetes-int-or-string": true,
  anyOf: [{ type: "integer" }, { type: "string" }],
  pattern: "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?[0-9]+))?$",
};

/** A monitored set as a monitoring operator defines it: scale, quantities, templates of volumes, free-form parts. */
export const prometheuses = definition({
  group: "monitoring.field.example.com",
  plural: "prometheuses",
  kind: "Prometheus",
  short: ["prom"],
  spec: object({
    replicas: whole("How many.", { format: "int32" }),
    shards: whole("In how many parts.", { format: "int32" }),
    version: text("Which."),
    retention: text("How long.", { default: "24h", pattern: "^(0|(([0-9]+)y)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?)$" }),
    resources: object({
      limits: { type: "object", additionalProperties: quantity },
      requests: { type: "object", additionalProperties: quantity },
      claims: list(object({ name: text("Which.") }, { required: ["name"] }), {
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
      }),
    }),
    serviceMonitorSelector: object(
      {
        matchLabels: texts,
        matchExpressions: list(
          object(
            { key: text("Which."), operator: text("How."), values: list({ type: "string" }) },
            { required: ["key", "operator"] },
          ),
          { "x-kubernetes-list-type": "atomic" },
        ),
      },
      { "x-kubernetes-map-type": "atomic" },
    ),
    containers: { ...list({ type: "object", "x-kubernetes-preserve-unknown-fields": true }) },
    storage: object({
      volumeClaimTemplate: object(
        { apiVersion: text("v"), kind: text("k"), metadata: object({ name: text("Its name."), labels: texts }) },
        { "x-kubernetes-preserve-unknown-fields": true },
      ),
    }),
    externalLabels: texts,
    portName: text("Which.", { default: "web" }),
    listenLocal: flag("Whether only locally."),
  }),
  status: object(
    {
      replicas: whole("How many there are."),
      availableReplicas: whole("How many can be used."),
      selector: text("Which they are."),
      conditions,
      paused: flag("Whether it is left alone."),
    },
    { required: ["replicas"] },
  ),
  more: {
    subresources: {
      status: {},
      scale: {
        specReplicasPath: ".spec.shards",
        statusReplicasPath: ".status.replicas",
        labelSelectorPath: ".status.selector",
      },
    },
    additionalPrinterColumns: [
      { name: "Desired", type: "integer", jsonPath: ".spec.replicas" },
      { name: "Paused", type: "boolean", jsonPath: ".status.paused", priority: 1 },
    ],
  },
});

/** Where an application's manifests come from, with all tools that may make them. */
const source = object({
  repoURL: text("Where the sources are kept. ".repeat(4)),
  path: text("Where in there the application's own are. ".repeat(4)),
  targetRevision: text("Which state of the sources is wanted. ".repeat(4)),
  helm: object({
    releaseName: text("What the release is called."),
    valueFiles: list({ type: "string" }),
    parameters: list(object({ name: text("Which."), value: text("What."), forceString: flag("Whether as a text.") })),
    valuesObject: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  }),
  kustomize: object({
    namePrefix: text("What comes before all names."),
    commonLabels: texts,
    patches: list(
      object({
        patch: text("What changes."),
        options: { type: "object", additionalProperties: { type: "boolean" } },
        target: object({ kind: text("Of which kind."), name: text("Which."), labelSelector: text("Or which.") }),
      }),
    ),
    replicas: list(object({ name: text("Whose."), count: quantity }, { required: ["count", "name"] })),
  }),
  plugin: object({ name: text("Which."), env: list(object({ name: text("Which."), value: text("What.") })) }),
});

/** An application: sync policies, sources and a status with history. */
export const applications = definition({
  group: "apps.field.example.com",
  plural: "applications",
  kind: "Application",
  short: ["app", "apps"],
  version: "v1alpha1",
  spec: object(
    {
      project: text("Which project it belongs to."),
      source,
      sources: list(source),
      destination: object({ server: text("By address."), name: text("By name."), namespace: text("Where in there.") }),
      syncPolicy: object({
        automated: object({ prune: flag("Whether to remove."), selfHeal: flag("Whether to repair.") }),
        syncOptions: list({ type: "string" }),
        retry: object({
          limit: whole("How often.", { format: "int64" }),
          backoff: object({ duration: text("How long."), factor: whole("Times what."), maxDuration: text("At most.") }),
        }),
      }),
      ignoreDifferences: list(object({ kind: text("Of which kind."), jsonPointers: list({ type: "string" }) })),
    },
    { required: ["destination", "project"] },
  ),
  status: object({
    sync: object({ status: text("Whether."), revision: text("Of which state.") }, { required: ["status"] }),
    health: object({ status: text("How it is."), message: text("Why.") }),
    resources: list(object({ group: text("g"), kind: text("k"), name: text("n"), status: text("s") })),
    history: list(object({ id: whole("Which."), revision: text("Of what."), deployedAt: time }, { required: ["id"] })),
  }),
  more: {
    additionalPrinterColumns: [
      { name: "Sync Status", type: "string", jsonPath: ".status.sync.status" },
      { name: "Health Status", type: "string", jsonPath: ".status.health.status" },
    ],
  },
});

const generatorKinds = ["clusters", "git", "list", "pullRequest", "scmProvider", "clusterDecisionResource", "plugin"];

/** Generators of applications hold generators, each with a whole template: that makes the schema huge. */
function generator(depth: number): Schema {
  const template = object({
    metadata: object({ name: text("n"), labels: texts, annotations: texts }),
    spec: object({ source, sources: list(source) }),
  });
  const own = generatorKinds.map((kind): [string, Schema] => [
    kind,
    object({
      values: texts,
      requeueAfterSeconds: whole("When again.", { format: "int64" }),
      template,
      selector: texts,
    }),
  ]);
  if (depth === 0) return object(Object.fromEntries(own));
  const nested = ["matrix", "merge"].map((kind): [string, Schema] => [
    kind,
    object({ generators: list(generator(depth - 1)), mergeKeys: list({ type: "string" }), template }),
  ]);
  return object(Object.fromEntries([...own, ...nested]));
}

/** Sets of applications, whose schema is longer than what client-side apply could keep in an annotation. */
export const applicationSets = definition({
  group: "apps.field.example.com",
  plural: "applicationsets",
  kind: "ApplicationSet",
  short: ["appset"],
  version: "v1alpha1",
  spec: object(
    {
      generators: list(generator(3)),
      goTemplate: flag("Whether templates are Go's."),
      template: object({ metadata: object({ name: text("n") }), spec: object({ source, project: text("p") }) }),
    },
    { required: ["generators"] },
  ),
  status: object({ conditions }),
});
