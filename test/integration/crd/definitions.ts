/** A definition of rollouts: status, scale, columns, selectable fields, list maps, free-form parts and rules in one. */
export function rolloutDefinition(more: Readonly<Record<string, unknown>> = {}): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "rollouts.ship.example.com" },
    spec: {
      group: "ship.example.com",
      scope: "Namespaced",
      names: { plural: "rollouts", kind: "Rollout", shortNames: ["ro"], categories: ["all"] },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: rolloutSchema },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: ".spec.replicas",
              statusReplicasPath: ".status.replicas",
              labelSelectorPath: ".status.selector",
            },
          },
          selectableFields: [{ jsonPath: ".spec.tier" }],
          additionalPrinterColumns: [
            { name: "Wanted", type: "integer", jsonPath: ".spec.replicas" },
            { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
          ],
        },
      ],
      ...more,
    },
  };
}

export const rolloutSchema = {
  type: "object",
  description: "A gradual change of what runs.",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      description: "What is wanted.",
      "x-kubernetes-validations": [
        {
          rule: "self.replicas <= self.maxReplicas",
          messageExpression: "'replicas ' + string(self.replicas) + ' above ' + string(self.maxReplicas)",
          fieldPath: ".replicas",
        },
        { rule: "self.ports.all(p, p.port != 22)", message: "port 22 is not allowed", reason: "FieldValueForbidden" },
      ],
      properties: {
        replicas: { type: "integer", default: 1, minimum: 0, maximum: 10 },
        maxReplicas: { type: "integer", default: 8 },
        tier: {
          type: "string",
          enum: ["web", "db"],
          default: "web",
          "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "tier is immutable" }],
        },
        surge: { "x-kubernetes-int-or-string": true },
        note: { type: "string", nullable: true, pattern: "^[a-z ]*$" },
        values: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        until: { type: "string", format: "date-time" },
        template: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
        ports: {
          type: "array",
          default: [],
          maxItems: 5,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, port: { type: "integer", default: 80 } },
          },
        },
        zones: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
      },
    },
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};
