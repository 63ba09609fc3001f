/** Where lines of text go. */
export interface Sink {
  /** Resolves when `text`, whole lines, has been handed to the system. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** A stream of somebody else's, which stays open. */
export function streamSink(stream: NodeJS.WritableStream): Sink {
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {},
  };
}
