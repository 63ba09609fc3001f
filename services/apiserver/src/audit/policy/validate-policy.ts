import { dns1123SubdomainErrors, type FieldError, field, Path } from "@tskube/apimachinery";
import { levels, stages } from "./policy.ts";
import type { WrittenPolicy, WrittenRule } from "./written-policy.ts";

/** What is wrong with a policy as it is written, in upstream's words. */
export function validatePolicy(policy: WrittenPolicy): FieldError[] {
  const at = Path.of("rules");
  return policy.rules.flatMap((rule, index) => validateRule(rule, at.index(index)));
}

function validateRule(rule: WrittenRule, at: Path): FieldError[] {
  const { nonResourceURLs, resources, namespaces } = rule;
  const urls = at.child("nonResourceURLs");
  const isMixed = nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0);
  return [
    ...validateLevel(rule.level, at.child("level")),
    ...nonResourceURLs.flatMap((url, index) => validateUrl(url, urls.index(index))),
    ...resources.flatMap((resource) => validateResources(resource, at.child("resources"))),
    ...rule.omitStages.flatMap((stage, index) => validateStage(stage, at.child("omitStages").index(index))),
    ...(isMixed
      ? [field.invalid(urls, nonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs")]
      : []),
  ];
}

function validateLevel(level: string, at: Path): FieldError[] {
  if (level === "") return [field.required(at)];
  return levels.some((known) => known === level) ? [] : [field.notSupported(at, level, levels)];
}

function validateUrl(url: string, at: Path): FieldError[] {
  if (url === "*") return [];
  const errors: FieldError[] = [];
  if (!url.startsWith("/")) {
    errors.push(field.invalid(at, url, "non-resource URL rules must begin with a '/' character"));
  }
  if (url.slice(0, -1).includes("*")) {
    errors.push(field.invalid(at, url, "non-resource URL wildcards '*' must be the final character of the rule"));
  }
  return errors;
}

function validateResources(
  { group, resources, resourceNames }: WrittenRule["resources"][number],
  at: Path,
): FieldError[] {
  const errors: FieldError[] = [];
  const wrong = group === "" ? [] : dns1123SubdomainErrors(group);
  if (wrong.length > 0) errors.push(field.invalid(at.child("group"), group, wrong.join(",")));
  if (resourceNames.length > 0 && resources.length === 0) {
    const detail = "using resourceNames requires at least one resource";
    errors.push(field.invalid(at.child("resourceNames"), resourceNames, detail));
  }
  return errors;
}

function validateStage(stage: string, at: Path): FieldError[] {
  if (stages.some((known) => known === stage)) return [];
  return [field.invalid(at, stage, `allowed stages are ${stages.join(",")}`)];
}
