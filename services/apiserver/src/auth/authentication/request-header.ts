import type { Clock } from "@tskube/base";
import type { Authenticator } from "../authenticator.ts";
import { certificateReader, isValidAt } from "./certificates.ts";
import { headersByPrefix, headerValue, headerValues } from "./headers.ts";

export interface RequestHeaderOptions {
  /** PEM of the CAs that sign front proxies' client certificates (`--requestheader-client-ca-file`). */
  readonly clientCa: string;
  /** Common names of front proxies; any that the CA signed when empty. */
  readonly allowedNames?: readonly string[];
  readonly usernameHeaders?: readonly string[];
  readonly uidHeaders?: readonly string[];
  readonly groupHeaders?: readonly string[];
  readonly extraHeaderPrefixes?: readonly string[];
}

/** The headers a front proxy names its user in, unless options say otherwise. */
export const requestHeaderDefaults = {
  usernameHeaders: ["X-Remote-User"],
  uidHeaders: [] as readonly string[],
  groupHeaders: ["X-Remote-Group"],
  extraHeaderPrefixes: ["X-Remote-Extra-"],
} as const;

/** Users that an authenticating proxy in front vouches for, if the proxy's own certificate is one of those trusted to. */
export function requestHeaderAuthenticator(options: RequestHeaderOptions, clock: Clock): Authenticator {
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = { ...requestHeaderDefaults, ...options };
  const read = certificateReader(options.clientCa);
  const allowedNames = options.allowedNames ?? [];
  const isFrontProxy = (der: Uint8Array) => {
    const facts = read(der);
    const isNamed = allowedNames.length === 0 || allowedNames.includes(facts.commonName);
    return facts.isSigned && isNamed && isValidAt(facts, clock.now());
  };
  return {
    name: "requestheader",
    async authenticate({ headers, clientCertificate }) {
      const name = firstValue(headers, usernameHeaders);
      if (!name || !clientCertificate || !isFrontProxy(clientCertificate)) return undefined;
      const uid = firstValue(headers, uidHeaders);
      const extra = Object.assign({}, ...extraHeaderPrefixes.map((prefix) => headersByPrefix(headers, prefix)));
      return {
        name,
        groups: groupHeaders.flatMap((header) => headerValues(headers, header)),
        ...(uid ? { uid } : {}),
        ...(Object.keys(extra).length > 0 ? { extra } : {}),
      };
    },
  };
}

function firstValue(headers: Parameters<typeof headerValue>[0], names: readonly string[]): string {
  for (const name of names) {
    const value = headerValue(headers, name);
    if (value) return value;
  }
  return "";
}
