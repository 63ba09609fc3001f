import { Counter, Histogram, type MetricsRegistry } from "@tskube/base";

export type AuthenticationResult = "success" | "failure" | "error";

export interface AuthenticationMetrics {
  /** `username` is absent unless somebody was proven. */
  observe(result: AuthenticationResult, seconds: number, username?: string): void;
}

/** Users with a name of their own in the metrics; as many names as there are users would be too many. */
const namedUsers = ["admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default"];
const buckets = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power);

/** How requests fare that have to prove who they come from, under upstream's names. */
export function authenticationMetrics(registry: MetricsRegistry): AuthenticationMetrics {
  const users = new Counter({
    name: "authenticated_user_requests",
    help: "Counter of authenticated requests broken out by username.",
    labelNames: ["username"],
    registers: [registry],
  });
  const attempts = new Counter({
    name: "authentication_attempts",
    help: "Counter of authenticated attempts.",
    labelNames: ["result"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "authentication_duration_seconds",
    help: "Authentication duration in seconds broken out by result.",
    labelNames: ["result"],
    buckets,
    registers: [registry],
  });
  // Bound once: finding a counter by its labels would cost each request more than counting.
  const boundTo = (result: AuthenticationResult) => ({
    attempts: attempts.labels({ result }),
    durations: durations.labels({ result }),
  });
  const results = { success: boundTo("success"), failure: boundTo("failure"), error: boundTo("error") };
  const named = new Map(namedUsers.map((username) => [username, users.labels({ username })]));
  const other = users.labels({ username: "other" });
  return {
    observe(result, seconds, username) {
      const bound = results[result];
      bound.attempts.inc();
      bound.durations.observe(seconds);
      if (username !== undefined) (named.get(username) ?? other).inc();
    },
  };
}
