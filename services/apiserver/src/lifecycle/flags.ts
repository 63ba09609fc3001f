import { boolean, decimal, duration, integer } from "@tskube/component";

/** How the server comes to its end, and sends clients elsewhere before. */
export const lifecycleFlags = {
  minRequestTimeout: integer("Seconds that a watch lasts at least which does not say how long", {
    default: 1_800,
    min: 1,
  }),
  shutdownDelayDuration: duration("How long requests are served after readiness has ended", { default: 0 }),
  shutdownGrace: duration("How long requests under way may take to end at a stop", { default: 10_000 }),
  shutdownSendRetryAfter: boolean(
    "At a stop the port stays open while requests under way end, and new ones are told to come back",
    { default: false },
  ),
  goawayChance: decimal(
    "The part of HTTP/2 requests whose client is told to connect anew, so that clients spread over servers; at most 0.02",
    { default: 0 },
  ),
};

const maxGoawayChance = 0.02;

export function validateLifecycleFlags({ goawayChance }: { readonly goawayChance: number }): string | undefined {
  if (goawayChance >= 0 && goawayChance <= maxGoawayChance) return undefined;
  return `--goaway-chance can not be less than 0 or greater than ${maxGoawayChance}`;
}
