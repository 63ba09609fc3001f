import type { apiextensionsV1 } from "@tskube/api";
import { dns1123SubdomainErrors, type FieldError, field, type Path } from "@tskube/apimachinery";

const form = "; desired format: https://host[/path]";

/** What is wrong with a URL that a webhook is called by. */
export function webhookUrlErrors(text: string, at: Path): FieldError[] {
  // Schemes beside HTTP's have no host in the URL class, which takes them all the same.
  if (!URL.canParse(text)) {
    return [field.required(at, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)];
  }
  const { protocol, host, username, password, hash, search } = new URL(text);
  const errors: FieldError[] = [];
  if (protocol !== "https:") {
    errors.push(field.invalid(at, protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`));
  }
  if (host === "") errors.push(field.invalid(at, "", `host must be specified${form}`));
  if (username !== "" || password !== "") {
    const user = password === "" ? username : `${username}:${password}`;
    errors.push(field.invalid(at, user, "user information is not permitted in the URL"));
  }
  if (hash !== "") errors.push(field.invalid(at, hash.slice(1), "fragments are not permitted in the URL"));
  if (search !== "") errors.push(field.invalid(at, search.slice(1), "query parameters are not permitted in the URL"));
  return errors;
}

/** What is wrong with how a webhook's service is named. */
export function webhookServiceErrors(service: apiextensionsV1.ServiceReference, at: Path): FieldError[] {
  const { name, namespace, path, port = 443 } = service;
  const errors: FieldError[] = [];
  if (!name) errors.push(field.required(at.child("name"), "service name is required"));
  if (!namespace) errors.push(field.required(at.child("namespace"), "service namespace is required"));
  if (port < 1 || port > 65_535) {
    const detail = "port is not valid: must be between 1 and 65535, inclusive";
    errors.push(field.invalid(at.child("port"), port, detail));
  }
  return [...errors, ...pathErrors(path ?? "", at.child("path"))];
}

function pathErrors(path: string, at: Path): FieldError[] {
  if (path === "" || path === "/") return [];
  const say = (text: string) => field.invalid(at, path, text);
  if (path === "//") return [say("segment[0] may not be empty")];
  if (!path.startsWith("/")) return [say("must start with a '/'")];
  const segments = path.slice(1).replace(/\/$/, "").split("/");
  return segments.flatMap((segment, index) => {
    if (segment === "") return [say(`segment[${index}] may not be empty`)];
    return dns1123SubdomainErrors(segment).map((text) => say(`segment[${index}]: ${text}`));
  });
}
