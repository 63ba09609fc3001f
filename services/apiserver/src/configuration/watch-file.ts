import { readFile, stat } from "node:fs/promises";
import type { Clock } from "@tskube/base";

export interface WatchFileOptions {
  readonly path: string;
  /** What the caller took up already; the same text again is no change. */
  readonly current: string;
  readonly lookEveryMs?: number;
}

/** Takes up a file's new text; whoever throws is asked again with the next change only. */
export type OnText = (text: string) => Promise<void>;

const lookEveryMs = 1_000;

/**
 * Looks at a file again and again and hands on its text when that is another, until closed. By the file's times and not by file events, which miss
 * swapped symbolic links and network mounts; one text is taken up at a time. A file that cannot be read is left for the next look.
 */
export function watchFile(options: WatchFileOptions, onText: OnText, clock: Clock): { close(): void } {
  let { current } = options;
  let stamp: string | undefined;
  let isClosed = false;
  let cancel = schedule();

  function schedule(): () => void {
    return clock.after(options.lookEveryMs ?? lookEveryMs, () => void look());
  }

  async function look(): Promise<void> {
    try {
      await takeUp();
    } catch {
      // The file is being replaced, or its new text was refused: what was taken up before stays.
    }
    if (!isClosed) cancel = schedule();
  }

  async function takeUp(): Promise<void> {
    const now = await stampOf(options.path);
    if (now === stamp) return;
    const text = await readFile(options.path, "utf8");
    stamp = now;
    if (text === current || isClosed) return;
    current = text;
    await onText(text);
  }

  return {
    close() {
      isClosed = true;
      cancel();
    },
  };
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs}:${size}:${ino}`;
}
