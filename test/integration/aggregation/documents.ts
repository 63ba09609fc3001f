import { group, version } from "./flunders.ts";

/** What the sample server says of itself. */

const kind = { group, version, kind: "Flunder" };
const verbs = ["create", "delete", "get", "list", "watch"];
const groupVersion = `${group}/${version}`;
const versions = [{ groupVersion, version }];

export const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export const aggregatedDiscovery = {
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  metadata: {},
  items: [
    {
      metadata: { name: group },
      versions: [
        {
          version,
          freshness: "Current",
          resources: [
            {
              resource: "flunders",
              responseKind: kind,
              scope: "Namespaced",
              singularResource: "flunder",
              verbs,
              shortNames: ["fl"],
            },
          ],
        },
      ],
    },
  ],
};

export const apiGroup = { kind: "APIGroup", apiVersion: "v1", name: group, versions, preferredVersion: versions[0] };

export const apiResourceList = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion,
  resources: [
    { name: "flunders", singularName: "flunder", namespaced: true, kind: "Flunder", verbs, shortNames: ["fl"] },
  ],
};

const flunderName = "com.example.wardle.v1alpha1.Flunder";
const path = `/apis/${groupVersion}/namespaces/{namespace}/flunders`;
const gvk = { "x-kubernetes-group-version-kind": kind };

/** `prefix` is where references point to, which is what the two versions of the format differ in here. */
function flunderSchema(prefix: string) {
  const text = (description: string) => ({ type: "string", description });
  return {
    description: "A flunder is what the sample server has.",
    type: "object",
    properties: {
      apiVersion: text("The version of the API."),
      kind: text("The kind of the object."),
      metadata: { $ref: `${prefix}com.example.wardle.v1alpha1.Metadata` },
      spec: {
        type: "object",
        description: "What is wanted of the flunder.",
        properties: { reference: text("The name of another flunder.") },
      },
    },
    "x-kubernetes-group-version-kind": [kind],
  };
}

const metadataSchema = { description: "Standard metadata.", type: "object" };

export const openapiV2 = {
  swagger: "2.0",
  info: { title: "sample", version: "1" },
  paths: {
    [path]: {
      post: {
        operationId: "createFlunder",
        consumes: ["application/json"],
        produces: ["application/json"],
        parameters: [{ in: "body", name: "body", required: true, schema: { $ref: `#/definitions/${flunderName}` } }],
        responses: { "200": { description: "OK", schema: { $ref: `#/definitions/${flunderName}` } } },
        "x-kubernetes-action": "post",
        ...gvk,
      },
    },
  },
  definitions: {
    [flunderName]: flunderSchema("#/definitions/"),
    "com.example.wardle.v1alpha1.Metadata": metadataSchema,
  },
};

export const openapiV3 = {
  openapi: "3.0.0",
  info: { title: "sample", version: "1" },
  paths: {
    [path]: {
      post: {
        operationId: "createFlunder",
        requestBody: { content: { "application/json": { schema: { $ref: `#/components/schemas/${flunderName}` } } } },
        responses: { "200": { description: "OK" } },
        "x-kubernetes-action": "post",
        ...gvk,
      },
    },
  },
  components: {
    schemas: {
      [flunderName]: flunderSchema("#/components/schemas/"),
      "com.example.wardle.v1alpha1.Metadata": metadataSchema,
    },
  },
};

const documentUrl = `/openapi/v3/apis/${groupVersion}?hash=0123456789ABCDEF`;
export const openapiV3Index = { paths: { [`apis/${groupVersion}`]: { serverRelativeURL: documentUrl } } };
