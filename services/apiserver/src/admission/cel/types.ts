import { celType as t } from "../../cel/index.ts";

const { STRING, BOOL, INT, DYN, structType, listOf, mapOf } = t;
const strings = mapOf(STRING, STRING);

const groupVersionKind = structType("kubernetes.GroupVersionKind", { group: STRING, version: STRING, kind: STRING });
const groupVersionResource = structType("kubernetes.GroupVersionResource", {
  group: STRING,
  version: STRING,
  resource: STRING,
});
const userInfo = structType("kubernetes.UserInfo", {
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});

/** `request`: an AdmissionRequest without its objects, which have variables of their own. */
export const requestType = structType("kubernetes.AdmissionRequest", {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: STRING,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo,
  dryRun: BOOL,
  options: DYN,
});

/** `namespaceObject`: of a namespace's metadata, what does not tell who manages it. */
export const namespaceType = structType("kubernetes.Namespace", {
  apiVersion: STRING,
  kind: STRING,
  metadata: structType("kubernetes.NamespaceMetadata", {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: strings,
    annotations: strings,
    UID: STRING,
    creationTimestamp: t.TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: t.TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  }),
  spec: structType("kubernetes.NamespaceSpec", { finalizers: listOf(STRING) }),
  status: structType("kubernetes.NamespaceStatus", { phase: STRING }),
});
