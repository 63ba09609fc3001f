/** An API group and version; the core group is the empty string. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

export interface GroupVersionKind extends GroupVersion {
  readonly kind: string;
}

export interface GroupVersionResource extends GroupVersion {
  readonly resource: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** Parses an `apiVersion` (`v1`, `apps/v1`); empty text is the empty group and version, and more than one slash throws. */
export function parseGroupVersion(apiVersion: string): GroupVersion {
  if (apiVersion === "" || apiVersion === "/") return { group: "", version: "" };
  const slash = apiVersion.indexOf("/");
  if (slash < 0) return { group: "", version: apiVersion };
  if (apiVersion.includes("/", slash + 1)) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The `apiVersion` of a group and version. */
export function formatGroupVersion({ group, version }: GroupVersion): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The type of an object by its own `apiVersion` and `kind`; what is absent is empty. Throws on a malformed `apiVersion`. */
export function gvkOf(object: {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
}): GroupVersionKind {
  return { ...parseGroupVersion(object.apiVersion ?? ""), kind: object.kind ?? "" };
}

/** `apps/v1, Kind=Deployment`, as upstream prints a GroupVersionKind. */
export function formatGroupVersionKind({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** `apps/v1, Resource=deployments`, as upstream prints a GroupVersionResource. */
export function formatGroupVersionResource({ group, version, resource }: GroupVersionResource): string {
  return `${group}/${version}, Resource=${resource}`;
}

/** `deployments.apps`, or `pods` in the core group. */
export function formatGroupResource({ group, resource }: GroupResource): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/** `Deployment.apps`, or `Pod` in the core group. */
export function formatGroupKind({ group, kind }: GroupKind): string {
  return group === "" ? kind : `${kind}.${group}`;
}

/** Parses `deployments.apps`: all after the first dot is the group. */
export function parseGroupResource(text: string): GroupResource {
  const dot = text.indexOf(".");
  return dot < 0 ? { group: "", resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

/** Parses `Deployment.apps`: all after the first dot is the group. */
export function parseGroupKind(text: string): GroupKind {
  const { group, resource } = parseGroupResource(text);
  return { group, kind: resource };
}

const versionPattern = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/;
const stabilities: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

/**
 * Orders versions from the most to the least preferred, for sorting: v2, v1, v1beta2, v1beta1, v1alpha1, then names that
 * do not look like versions in alphabetical order.
 */
export function compareVersionPriority(a: string, b: string): number {
  const [x, y] = [versionPattern.exec(a), versionPattern.exec(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0;
  const stability = (match: RegExpExecArray) => (match[2] === undefined ? 2 : (stabilities[match[2]] ?? 0));
  return stability(y) - stability(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0);
}
