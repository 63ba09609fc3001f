import type { ConfigMap } from "@tskube/api";

const day = /^\d{4}-\d{2}-\d{2}$/;

/** Says since when the use of tokens in Secrets is noted on them: one that bears no note may have been used before. */
export function legacyTokenTracking(nowMs: number): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kube-apiserver-legacy-service-account-token-tracking", namespace: "kube-system" },
    data: { since: new Date(nowMs).toISOString().slice(0, 10) },
  };
}

/** The present config map with a day that can be read; undefined if it has one, which then stays. */
export function completeTracking(present: ConfigMap, wanted: ConfigMap): ConfigMap | undefined {
  const { since = "" } = present.data ?? {};
  const isDay = day.test(since) && !Number.isNaN(Date.parse(since));
  return isDay ? undefined : { ...present, data: { ...present.data, ...wanted.data } };
}
