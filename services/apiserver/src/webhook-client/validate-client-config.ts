import { dns1123SubdomainErrors, type FieldError, field, type Path, portNumberErrors } from "@tskube/apimachinery";
import type { WebhookClientConfig } from "./webhook-address.ts";

/** What is wrong with how a configuration names a webhook. */
export function clientConfigErrors({ url, service }: WebhookClientConfig, at: Path): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [field.required(at, "exactly one of url or service is required")];
  }
  if (url !== undefined) return urlErrors(url, at.child("url"));
  return service ? serviceErrors(service, at.child("service")) : [];
}

const form = "; desired format: https://host[/path]";

function urlErrors(text: string, at: Path): FieldError[] {
  if (/%(?![0-9a-fA-F]{2})|\s/.test(text)) {
    return [field.required(at, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)];
  }
  // Go takes more texts for URLs than JavaScript, and the parts of each are judged.
  const [, scheme = "", authority = "", query, fragment] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/.exec(text) ?? [];
  const [userInfo, host] = authority.includes("@") ? authority.split(/@(?=[^@]*$)/) : [undefined, authority];
  const errors: FieldError[] = [];
  if (scheme !== "https") errors.push(field.invalid(at, scheme, `'https' is the only allowed URL scheme${form}`));
  if (!host) errors.push(field.invalid(at, host ?? "", `host must be specified${form}`));
  if (userInfo !== undefined) errors.push(field.invalid(at, userInfo, "user information is not permitted in the URL"));
  if (fragment) errors.push(field.invalid(at, fragment, "fragments are not permitted in the URL"));
  if (query) errors.push(field.invalid(at, query, "query parameters are not permitted in the URL"));
  return errors;
}

function serviceErrors(service: NonNullable<WebhookClientConfig["service"]>, at: Path): FieldError[] {
  const { name, namespace, path = "", port = 443 } = service;
  return [
    ...(name ? [] : [field.required(at.child("name"), "service name is required")]),
    ...(namespace ? [] : [field.required(at.child("namespace"), "service namespace is required")]),
    ...portErrors(port, at.child("port")),
    ...pathErrors(path, at.child("path")),
  ];
}

function portErrors(port: number, at: Path): FieldError[] {
  const errors = portNumberErrors(port);
  return errors.length === 0 ? [] : [field.invalid(at, port, `port is not valid: ${errors.join(", ")}`)];
}

function pathErrors(path: string, at: Path): FieldError[] {
  if (path === "" || path === "/") return [];
  if (path === "//") return [field.invalid(at, path, "segment[0] may not be empty")];
  const start = path.startsWith("/") ? [] : [field.invalid(at, path, "must start with a '/'")];
  const segments = path.slice(1).replace(/\/$/, "").split("/");
  const wrong = segments.flatMap((segment, index) =>
    segment === ""
      ? [`segment[${index}] may not be empty`]
      : dns1123SubdomainErrors(segment).map((message) => `segment[${index}]: ${message}`),
  );
  return [...start, ...wrong.map((message) => field.invalid(at, path, message))];
}
