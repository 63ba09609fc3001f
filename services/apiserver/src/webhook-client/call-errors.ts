import { errorMessage } from "@tskube/base";
import type { Endpoint } from "./service-endpoint.ts";

/** What client-go says to an answer that is no success. */
export function unsuccessful(code: number, text: string): string {
  if (code === 404) return "the server could not find the requested resource";
  if (code === 401) return "the server has asked for the client to provide credentials";
  if (code === 403) return "forbidden";
  const shown = JSON.stringify(text.slice(0, 2048).trim());
  return code >= 500
    ? `an error on the server (${shown}) has prevented the request from succeeding`
    : `the server rejected our request for an unknown reason (${shown})`;
}

/** Why no answer came, in the words of Go's HTTP client. */
export function exchangeFailure(error: unknown, { host, port }: Endpoint): string {
  const { code, reason } = error as NodeJS.ErrnoException & { readonly reason?: string };
  if (code === "ECONNREFUSED") return `dial tcp ${host}:${port}: connect: connection refused`;
  if (code === "EHOSTUNREACH") return `dial tcp ${host}:${port}: connect: no route to host`;
  if (code === "ENETUNREACH") return `dial tcp ${host}:${port}: connect: network is unreachable`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${host}: no such host`;
  if (code === "ECONNRESET") return "EOF";
  if (code === "CERT_HAS_EXPIRED") return `${untrusted} certificate has expired or is not yet valid`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `${untrusted} certificate is not valid for this name (${reason})`;
  const isUnknown = /SELF_SIGNED|^UNABLE_TO_|SIGNATURE_FAILURE/.test(code ?? "");
  return isUnknown ? `${untrusted} certificate signed by unknown authority` : errorMessage(error);
}

const untrusted = "tls: failed to verify certificate: x509:";
