/** The place of the largest score; among equals each is as likely as the others. */
export function placeOfBest(scores: readonly number[], random: () => number): number {
  let best = 0;
  let ties = 1;
  for (let i = 1; i < scores.length; i++) {
    const score = scores[i] as number;
    const bestScore = scores[best] as number;
    if (score > bestScore) {
      best = i;
      ties = 1;
    } else if (score === bestScore && random() * ++ties < 1) best = i;
  }
  return best;
}
