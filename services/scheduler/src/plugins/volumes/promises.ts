/** What claims of pods on their way to a node have been promised, before the server shows it. */
export class Promises {
  readonly #byVolume = new Map<string, string>();
  readonly #byClaim = new Map<string, string>();

  /** Whether the volume is promised to another claim. */
  isTaken(volume: string, claim: string): boolean {
    const owner = this.#byVolume.get(volume);
    return owner !== undefined && owner !== claim;
  }

  promise(volume: string, claim: string): void {
    this.#byVolume.set(volume, claim);
    this.#byClaim.set(claim, volume);
  }

  takeBack(claim: string): void {
    const volume = this.#byClaim.get(claim);
    if (volume === undefined) return;
    this.#byClaim.delete(claim);
    this.#byVolume.delete(volume);
  }
}
