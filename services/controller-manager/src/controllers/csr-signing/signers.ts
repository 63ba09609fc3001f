import type { Clock } from "@tskube/base";
import {
  clientUsagesProblem,
  kubeletClientProblem,
  kubeletServingProblem,
} from "../../certificates/kubelet-requests.ts";
import type { RequestFacts } from "../../certificates/request-facts.ts";
import { type AuthorityFiles, type SigningAuthority, signingAuthority } from "../../certificates/signing-authority.ts";

/** Why a request is none that a signer signs; undefined if it is one. */
type Problem = (request: RequestFacts, usages: readonly string[]) => string | undefined;

export interface Signer {
  readonly authority: SigningAuthority;
  readonly problem: Problem;
}

/** What Kubernetes' own signers sign. */
const problems = {
  "kubernetes.io/kubelet-serving": kubeletServingProblem,
  "kubernetes.io/kube-apiserver-client-kubelet": kubeletClientProblem,
  "kubernetes.io/kube-apiserver-client": (_request, usages) => clientUsagesProblem(usages),
  // Kept for requests from before signers had names: signs everything that was approved.
  "kubernetes.io/legacy-unknown": () => undefined,
} satisfies Record<string, Problem>;

export type SignerName = keyof typeof problems;

export interface SigningOptions {
  /** Signers without files do nothing: somebody else may sign in their name. */
  readonly files: Readonly<Partial<Record<SignerName, AuthorityFiles>>>;
  /** The longest life of a certificate, and that of one that asks for none. */
  readonly maxLifeMs: number;
}

export function createSigners({ files, maxLifeMs }: SigningOptions, clock: Clock): ReadonlyMap<string, Signer> {
  const signers = new Map<string, Signer>();
  for (const [name, problem] of Object.entries(problems)) {
    const own = files[name as SignerName];
    if (own) signers.set(name, { problem, authority: signingAuthority(own, maxLifeMs, clock) });
  }
  return signers;
}
