import type { admissionregistrationV1, admissionregistrationV1beta1, KubeObject, LabelSelector } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";

const unset = "<unset>";

export const webhookColumns: TableColumns<KubeObject & { readonly webhooks?: readonly object[] | undefined }> = {
  definitions: [
    nameColumn,
    column("Webhooks", "Webhooks indicates the number of webhooks configured in this config", { type: "integer" }),
    ageColumn,
  ],
  cells: (object) => [object.metadata.name, object.webhooks?.length ?? 0, ageOf(object)],
};

export const validatingPolicyColumns: TableColumns<admissionregistrationV1.ValidatingAdmissionPolicy> = {
  definitions: [
    nameColumn,
    column("Validations", "Validations indicates the number of validation rules defined in this configuration", {
      type: "integer",
    }),
    column("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy"),
    ageColumn,
  ],
  cells: ({ spec, ...object }) => [
    object.metadata.name,
    spec.validations?.length ?? 0,
    kindText(spec.paramKind),
    ageOf(object),
  ],
};

export const mutatingPolicyColumns: TableColumns<admissionregistrationV1beta1.MutatingAdmissionPolicy> = {
  definitions: [
    nameColumn,
    column("Mutations", "Mutations indicates the number of mutation rules defined in this configuration", {
      type: "integer",
    }),
    column("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy"),
    ageColumn,
  ],
  cells: ({ spec, ...object }) => [
    object.metadata.name,
    spec.mutations?.length ?? 0,
    kindText(spec.paramKind),
    ageOf(object),
  ],
};

type Binding = KubeObject & {
  readonly spec: {
    readonly policyName?: string | undefined;
    readonly paramRef?: admissionregistrationV1.ParamRef | undefined;
  };
};

export const bindingColumns: TableColumns<Binding> = {
  definitions: [
    nameColumn,
    column("PolicyName", "PolicyName indicates the policy definition which the policy binding binded to"),
    column("ParamRef", "ParamRef indicates the param resource which sets the configration param"),
    ageColumn,
  ],
  cells: ({ spec, ...object }) => [object.metadata.name, spec.policyName ?? "", refText(spec.paramRef), ageOf(object)],
};

function kindText(kind: admissionregistrationV1.ParamKind | undefined): string {
  return kind ? `${kind.apiVersion}/${kind.kind}` : unset;
}

function refText(ref: admissionregistrationV1.ParamRef | undefined): string {
  if (ref?.name) return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
  return ref?.selector ? selectorText(ref.selector) : unset;
}

/** As Go prints a selector, which is what upstream shows. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}
