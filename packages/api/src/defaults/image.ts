/** When to pull an image that says nothing of it: what is named `latest`, or nothing at all, may change under its name. */
export function defaultPullPolicy(image: string): "Always" | "IfNotPresent" {
  return tagOf(image) === "latest" ? "Always" : "IfNotPresent";
}

/** The tag of a reference; `latest` where neither tag nor digest is given, empty where only a digest is. */
function tagOf(image: string): string {
  const at = image.indexOf("@");
  const name = at < 0 ? image : image.slice(0, at);
  // A colon before the last slash belongs to the registry's port.
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  if (colon >= 0) return name.slice(colon + 1);
  return at < 0 && image !== "" ? "latest" : "";
}
