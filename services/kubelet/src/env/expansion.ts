/**
 * Replaces `$(NAME)` by `lookup(NAME)` and leaves it as it stands when that is undefined; `$$` stands for one `$`, which also keeps
 * `$$(NAME)` from being replaced. Every other `$` stays.
 */
export function expand(input: string, lookup: (name: string) => string | undefined): string {
  return input.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    return lookup(name) ?? whole;
  });
}

/** The names in `$(…)` that `lookup` does not know. */
export function unresolvedNames(input: string, lookup: (name: string) => string | undefined): string[] {
  const missing: string[] = [];
  expand(input, (name) => {
    const value = lookup(name);
    if (value === undefined) missing.push(name);
    return value;
  });
  return missing;
}
