/** A value as it was before it was written. */
export interface Opened {
  readonly value: Buffer;
  /** Whether the value would be written in another way now, with another key or provider. */
  readonly isStale: boolean;
}

/** One way of keeping values in the store so that only who has the key can read them. */
export interface Transformer {
  /** `key` is where the value stands; ways that can, bind the value to it, so that nobody can put it elsewhere. */
  seal(value: Buffer, key: string): Promise<Buffer> | Buffer;
  /** Throws for what was not sealed in this way, with this key, for this place. */
  open(stored: Buffer, key: string): Promise<Opened> | Opened;
}

/** What is shorter than the least that its way of sealing adds. */
export function tooShort(): Error {
  return new Error("the stored data was shorter than the required size");
}
