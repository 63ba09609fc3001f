/** How many bits tell all hands of `handSize` from a deck of `deckSize` apart. */
export function requiredEntropyBits(deckSize: number, handSize: number): number {
  let bits = 0;
  for (let dealt = 0; dealt < handSize; dealt++) bits += Math.log2(deckSize - dealt);
  return Math.ceil(bits);
}

/**
 * Shuffle sharding: deals a flow `handSize` different queues out of `deckSize`. The same flow always gets the same ones, and two flows seldom
 * have all of theirs in common, so that a flood in one leaves others a queue of their own.
 */
export function dealHand(flow: string, deckSize: number, handSize: number): readonly number[] {
  const random = generator(flow);
  const dealt: number[] = []; // in rising order, so that what is left can be counted past them
  const hand: number[] = [];
  for (let left = deckSize; left > deckSize - handSize; left--) {
    let card = Math.floor(random() * left);
    let at = 0;
    for (; at < dealt.length && (dealt[at] as number) <= card; at++) card++;
    dealt.splice(at, 0, card);
    hand.push(card);
  }
  return hand;
}

/** Numbers from 0 to 1 that follow from `seed` alone: a 64-bit hash of it (two lanes of FNV-1a) in a small fast counter generator. */
function generator(seed: string): () => number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < seed.length; i++) {
    const code = seed.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (Math.imul(b, 9) + sum) | 0;
    b = (b << 7) | (b >>> 25);
    return mix(sum) / 2 ** 32;
  };
  for (let round = 0; round < 4; round++) next();
  return next;
}

/** Spreads every bit of a number over all (the finalizer of MurmurHash 3). */
function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
