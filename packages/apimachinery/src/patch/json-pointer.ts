/** The steps of a JSON pointer (RFC 6901); undefined if the text is none. The empty pointer is the whole document. */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Makes `step` safe to stand between the slashes of a pointer. */
export function escapePointerStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
