import type { ConfigMap, Endpoints, Namespace, Node, ResourceQuota, Secret, ServiceAccount } from "@tskube/api";
import { dns1123LabelErrors } from "@tskube/apimachinery";
import type { Strategy } from "../../registry/strategy.ts";
import { configMapColumns, namespaceColumns, quotaColumns, secretColumns, serviceAccountColumns } from "./columns.ts";
import { nodeColumns } from "./node/columns.ts";
import { validateNode, validateNodeUpdate } from "./node/validate-node.ts";
import { endpointsColumns } from "./service/columns.ts";
import type { AddressRule } from "./service/special-addresses.ts";
import { validateEndpoints } from "./service/validate-endpoints.ts";
import { validateConfigMap, validateConfigMapUpdate, validateSecret, validateSecretUpdate } from "./validate-config.ts";
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from "./validate-quota.ts";

export const namespaces: Strategy<Namespace> = {
  validateName: dns1123LabelErrors,
  columns: namespaceColumns,
  returnsDeletedObject: true,
  selectableFields: { "status.phase": ({ status }) => status?.phase ?? "" },
  prepareForCreate(namespace) {
    namespace.status = { phase: "Active" };
    // A namespace goes only when the namespace controller has emptied it.
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = {
      ...namespace.spec,
      finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"],
    };
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      "kubernetes.io/metadata.name": namespace.metadata.name,
    };
  },
  prepareForUpdate(namespace, old) {
    namespace.spec = { ...namespace.spec, finalizers: old.spec?.finalizers };
  },
  isHeld: ({ spec }) => (spec?.finalizers ?? []).length > 0,
  onMarkedForDeletion(namespace) {
    namespace.status = { ...namespace.status, phase: "Terminating" };
  },
};

export const nodes: Strategy<Node> = {
  columns: nodeColumns,
  // A kubelet registers its node with all it knows of it.
  keepsStatusOnCreate: true,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec?.unschedulable ?? false) },
};

export function endpoints(addressRule: AddressRule): Strategy<Endpoints> {
  const validate = (object: Endpoints) => validateEndpoints(object, addressRule);
  return { columns: endpointsColumns, validate, validateUpdate: validate };
}

export const quotas: Strategy<ResourceQuota> = {
  returnsDeletedObject: true,
  columns: quotaColumns,
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  status: { validateUpdate: validateQuotaStatus },
};

export const secrets: Strategy<Secret> = {
  columns: secretColumns,
  selectableFields: { type: ({ type }) => type ?? "" },
  prepareForCreate: encodeStringData,
  prepareForUpdate: encodeStringData,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
};

/** `stringData` is for writing only: it is kept as data. */
function encodeStringData(secret: Secret): void {
  if (!secret.stringData) return;
  const encoded = Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}

export const configMaps: Strategy<ConfigMap> = {
  columns: configMapColumns,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
};

export const serviceAccounts: Strategy<ServiceAccount> = {
  columns: serviceAccountColumns,
  returnsDeletedObject: true,
};
