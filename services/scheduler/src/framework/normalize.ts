import { maxNodeScore } from "./points.ts";

/** Stretches scores so that the largest becomes `maxNodeScore`; `isReverse` turns them round: less is better. */
export function stretchScores(scores: number[], isReverse: boolean): void {
  let largest = 0;
  for (const score of scores) if (score > largest) largest = score;
  for (let i = 0; i < scores.length; i++) {
    const score = largest === 0 ? 0 : Math.floor((maxNodeScore * (scores[i] as number)) / largest);
    scores[i] = isReverse ? maxNodeScore - score : score;
  }
}
