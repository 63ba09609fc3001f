import type { AlternativeName, RequestFacts } from "./request-facts.ts";

type Asked = Pick<RequestFacts, "commonName" | "organizations" | "alternativeNames">;

const clientUsages = ["client auth", "digital signature", "key encipherment"];
const servingUsages = ["digital signature", "key encipherment", "server auth"];
/** Only RSA keys encipher others. */
const withoutRsa = (usages: readonly string[]) => usages.filter((usage) => usage !== "key encipherment");

/** Why a request is none for a kubelet's client certificate, in upstream's words; undefined if it is one. */
export function kubeletClientProblem(asked: Asked, usages: readonly string[]): string | undefined {
  return (
    organizationProblem(asked) ??
    forbiddenNames(asked.alternativeNames, ["dns", "email", "ip", "url"]) ??
    commonNameProblem(asked) ??
    usagesProblem(usages, clientUsages)
  );
}

/** The same for a kubelet's serving certificate. */
export function kubeletServingProblem(asked: Asked, usages: readonly string[]): string | undefined {
  const { alternativeNames } = asked;
  const hasName = alternativeNames.some(({ type }) => type === "dns" || type === "ip");
  return (
    organizationProblem(asked) ??
    (hasName ? undefined : "DNS or IP subjectAltName is required") ??
    forbiddenNames(alternativeNames, ["email", "url"]) ??
    usagesProblem(usages, servingUsages) ??
    commonNameProblem(asked)
  );
}

/** Why the usages are none of a client certificate. */
export function clientUsagesProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !clientUsages.includes(usage));
  if (wrong) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

function organizationProblem({ organizations: [first, ...more] }: Asked): string | undefined {
  return first === "system:nodes" && more.length === 0 ? undefined : "subject organization is not system:nodes";
}

function commonNameProblem({ commonName }: Asked): string | undefined {
  return commonName.startsWith("system:node:") ? undefined : "subject common name does not begin with system:node:";
}

const namesInWords: Readonly<Record<AlternativeName["type"], string>> = {
  dns: "DNS",
  email: "Email",
  ip: "IP",
  url: "URI",
};

function forbiddenNames(
  names: readonly AlternativeName[],
  forbidden: readonly AlternativeName["type"][],
): string | undefined {
  const wrong = forbidden.find((type) => names.some((name) => name.type === type));
  return wrong && `${namesInWords[wrong]} subjectAltNames are not allowed`;
}

function usagesProblem(usages: readonly string[], required: readonly string[]): string | undefined {
  if (areSame(usages, required) || areSame(usages, withoutRsa(required))) return undefined;
  return `usages did not match [${required.join(" ")}]`;
}

function areSame(usages: readonly string[], required: readonly string[]): boolean {
  const given = new Set(usages);
  return given.size === required.length && required.every((usage) => given.has(usage));
}
