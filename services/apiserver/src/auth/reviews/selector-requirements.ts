interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Requirements as the text of a selector. */
export function formatRequirements(requirements: readonly Requirement[] | undefined): string {
  return (requirements ?? []).map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values = [] }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
}
