/** Fewer nodes than this are never sampled. */
const minFeasibleNodes = 100;
const minPercentage = 5;

/** How many feasible nodes are enough to choose from: all of a small cluster, a falling share of a larger one. */
export function enoughFeasibleNodes(nodeCount: number, percentage: number | undefined): number {
  if (nodeCount < minFeasibleNodes) return nodeCount;
  const share = percentage ?? Math.max(minPercentage, 50 - Math.floor(nodeCount / 125));
  return Math.max(minFeasibleNodes, Math.floor((nodeCount * share) / 100));
}
