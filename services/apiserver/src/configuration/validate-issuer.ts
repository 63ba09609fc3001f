import { X509Certificate } from "node:crypto";
import { type FieldError, field, goQuote, type Path } from "@tskube/apimachinery";
import type { JwtIssuer } from "./authentication-configuration.ts";

/** What is wrong with how tokens of an issuer are to be found and verified. */
export function validateIssuer(issuer: JwtIssuer, path: Path, disallowed: readonly string[]): FieldError[] {
  return [
    ...(issuer.url === ""
      ? [field.required(path.child("url"))]
      : validateUrl(issuer.url, path.child("url"), disallowed)),
    ...validateDiscoveryUrl(issuer, path.child("discoveryURL")),
    ...validateAudiences(issuer, path),
    ...validateAuthority(issuer.certificateAuthority, path.child("certificateAuthority")),
    ...validateEgress(issuer.egressSelectorType, path.child("egressSelectorType")),
  ];
}

function validateDiscoveryUrl({ url, discoveryURL }: JwtIssuer, path: Path): FieldError[] {
  if (discoveryURL === "") return [];
  const bare = (text: string) => text.replace(/\/+$/, "");
  const isSame = url !== "" && bare(url) === bare(discoveryURL);
  return [
    ...(isSame ? [field.invalid(path, discoveryURL, "discoveryURL must be different from URL")] : []),
    ...validateUrl(discoveryURL, path, []),
  ];
}

function validateUrl(text: string, path: Path, disallowed: readonly string[]): FieldError[] {
  const complain = (detail: string) => field.invalid(path, text, detail);
  const shown = `[${[...disallowed].sort().join(" ")}]`;
  const errors = disallowed.includes(text) ? [complain(`URL must not overlap with disallowed issuers: ${shown}`)] : [];
  if (/[\s\x7f]/.test(text) || /^:/.test(text)) return [...errors, complain(`parse ${goQuote(text)}: invalid URL`)];
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text) ?? [];
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? "";
  if (scheme.toLowerCase() !== "https") errors.push(complain("URL scheme must be https"));
  if (authority.includes("@")) errors.push(complain("URL must not contain a username or password"));
  if (/\?[^#]+/.test(text)) errors.push(complain("URL must not contain a query"));
  if (/#.+/.test(text)) errors.push(complain("URL must not contain a fragment"));
  return errors;
}

function validateAudiences({ audiences, audienceMatchPolicy }: JwtIssuer, issuer: Path): FieldError[] {
  const path = issuer.child("audiences");
  if (audiences.length === 0) return [field.required(path, `at least one ${path} is required`)];
  const errors = audiences.flatMap((audience, index) => [
    ...(audience === "" ? [field.required(path.index(index))] : []),
    ...(audiences.indexOf(audience) < index ? [field.duplicate(path.index(index), audience)] : []),
  ]);
  const policy = issuer.child("audienceMatchPolicy");
  if (audienceMatchPolicy === "MatchAny" || (audiences.length === 1 && audienceMatchPolicy === "")) return errors;
  const detail =
    audiences.length > 1
      ? "audienceMatchPolicy must be MatchAny for multiple audiences"
      : "audienceMatchPolicy must be empty or MatchAny for single audience";
  return [...errors, field.invalid(policy, audienceMatchPolicy, detail)];
}

function validateAuthority(pem: string, path: Path): FieldError[] {
  if (pem === "") return [];
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    return [field.invalid(path, "<omitted>", "data does not contain any valid RSA or ECDSA certificates")];
  }
  try {
    for (const block of blocks) new X509Certificate(block);
    return [];
  } catch {
    return [field.invalid(path, "<omitted>", "x509: malformed certificate")];
  }
}

/** Where issuers are called from cannot be chosen: there is one way out. */
function validateEgress(type: string, path: Path): FieldError[] {
  if (type === "") return [];
  if (type === "controlplane" || type === "cluster") {
    const detail = "egress selector type is set but egress selector configuration is not provided";
    return [field.invalid(path, type, detail)];
  }
  return [field.invalid(path, type, "egress selector must be either controlplane or cluster")];
}
