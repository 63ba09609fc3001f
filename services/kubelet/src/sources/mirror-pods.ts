import type { Node, Pod } from "@tskube/api";
import { isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client } from "@tskube/client";
import { fullName, isMirror, nameOf, namespaceOf, uidOf } from "../pods/identity.ts";
import { isMirrorOf, mirrorOf } from "./static-pod.ts";

export interface MirrorDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly staticPods: () => Iterable<Pod>;
  readonly apiPods: () => readonly Pod[];
  readonly node: () => Node | undefined;
}

const periodMs = 5000;

/** Keeps one mirror pod in the API for each static pod, and none for those that are gone. */
export async function runMirrors(deps: MirrorDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await syncMirrors(deps, signal);
    await sleep(deps.clock, periodMs, signal);
  }
}

export async function syncMirrors(
  { client, logger, staticPods, apiPods, node }: MirrorDeps,
  signal: AbortSignal,
): Promise<void> {
  const owner = node();
  const wanted = new Map(Array.from(staticPods(), (pod) => [fullName(pod), pod]));
  const mirrors = new Map(
    apiPods()
      .filter(isMirror)
      .map((pod) => [fullName(pod), pod]),
  );
  for (const [name, mirror] of mirrors) {
    const pod = wanted.get(name);
    const isCurrent = pod && isMirrorOf(mirror, pod) && !mirror.metadata.deletionTimestamp;
    if (!isCurrent)
      await attempt("delete", () =>
        client
          .pods(namespaceOf(mirror))
          .delete(nameOf(mirror), { gracePeriodSeconds: 0, preconditions: { uid: uidOf(mirror) }, signal }),
      );
  }
  for (const [name, pod] of wanted) {
    const mirror = mirrors.get(name);
    if (mirror && isMirrorOf(mirror, pod)) continue;
    const reference = owner?.metadata.uid ? { name: owner.metadata.name ?? "", uid: owner.metadata.uid } : undefined;
    await attempt("create", () => client.pods(namespaceOf(pod)).create(mirrorOf(pod, reference), { signal }));
  }

  async function attempt(act: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!isNotFound(error) && !isAlreadyExists(error) && !signal.aborted)
        logger.debug({ error: errorMessage(error) }, `cannot ${act} a mirror pod yet`);
    }
  }
}
