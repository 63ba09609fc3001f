import type { NodeAffinity, Pod } from "@tskube/api";
import { createSelector, type LabelSelector } from "@tskube/apimachinery";
import { stateKey } from "../../framework/cycle-state.ts";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";
import { compileNodeSelector, compileNodeTerm, type NodeTerm } from "../../framework/node-selector.ts";
import { stretchScores } from "../../framework/normalize.ts";
import { skip, unresolvable } from "../../framework/status.ts";

/** What a pod requires of its node: its selector and one of its terms, as far as it has them. */
export interface RequiredNode {
  readonly labels: LabelSelector | undefined;
  readonly terms: readonly NodeTerm[] | undefined;
}

interface PreferredTerm {
  readonly term: NodeTerm;
  readonly weight: number;
}

const requiredKey = stateKey<RequiredNode>("NodeAffinity/required");
const preferredKey = stateKey<readonly PreferredTerm[]>("NodeAffinity/preferred");
const mismatch = unresolvable("node(s) didn't match Pod's node affinity/selector");
const enforcedMismatch = unresolvable("node(s) didn't match scheduler-enforced node affinity");
const conflict = unresolvable("pod affinity terms conflict");

export function requiredNodeOf(pod: Pod): RequiredNode {
  const selector = pod.spec?.nodeSelector;
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    labels:
      selector && Object.keys(selector).length > 0
        ? createSelector(Object.entries(selector).map(([key, value]) => ({ key, operator: "=", values: [value] })))
        : undefined,
    terms: terms && compileNodeSelector(terms),
  };
}

export function matchesRequired({ labels, terms }: RequiredNode, node: NodeInfo): boolean {
  if (labels && !labels.matches(labelsOf(node))) return false;
  return !terms || terms.some((term) => term.matches(node));
}

/** Holds a pod to the nodes its selector and affinity name, and prefers those it prefers. `addedAffinity` counts for every pod. */
export const nodeAffinity: PluginDefinition = {
  name: "NodeAffinity",
  create(args) {
    const added = (args as { readonly addedAffinity?: NodeAffinity } | undefined)?.addedAffinity;
    const addedTerms = added?.requiredDuringSchedulingIgnoredDuringExecution;
    const enforced = addedTerms && compileNodeSelector(addedTerms);
    const addedPreferred = preferredTerms(added);
    return {
      name: "NodeAffinity",
      preFilter(state, { pod }) {
        const required = requiredNodeOf(pod);
        if (!required.labels && !required.terms && !enforced) return skip;
        state.write(requiredKey, required);
        const names = onlyNames(required.terms);
        if (!names) return undefined;
        return names.size === 0 ? conflict : { nodeNames: names };
      },
      filter(state, { pod }, node) {
        if (enforced && !enforced.some((term) => term.matches(node))) return enforcedMismatch;
        return matchesRequired(state.read(requiredKey) ?? requiredNodeOf(pod), node) ? undefined : mismatch;
      },
      preScore(state, { pod }) {
        const preferred = [...preferredTerms(pod.spec?.affinity?.nodeAffinity), ...addedPreferred];
        if (preferred.length === 0) return skip;
        state.write(preferredKey, preferred);
        return undefined;
      },
      score(state, _pod, node) {
        let sum = 0;
        for (const { term, weight } of state.read(preferredKey) ?? []) if (term.matches(node)) sum += weight;
        return sum;
      },
      normalizeScores: (_state, _pod, scores) => stretchScores(scores, false),
      eventsToRegister: () => [{ resource: "Node", actions: action.add | action.updateNodeLabel }],
    };
  },
};

function preferredTerms(affinity: NodeAffinity | undefined): PreferredTerm[] {
  return (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter(({ weight }) => weight !== 0)
    .map(({ weight, preference }) => ({ weight, term: compileNodeTerm(preference) }));
}

/** The only names that any of the terms leaves; absent when one of them does not go by name. */
function onlyNames(terms: readonly NodeTerm[] | undefined): Set<string> | undefined {
  if (!terms?.length) return undefined;
  const names = new Set<string>();
  for (const term of terms) {
    if (!term.names) return undefined;
    for (const name of term.names) names.add(name);
  }
  return names;
}
