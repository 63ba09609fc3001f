const context = 3;

/** One way of two lines' texts in a diff: kept, only before, only after. */
interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Two texts' differences in hunks with three lines around each: `@@ -10,7 +10,7 @@`. Empty for equal texts. */
export function unifiedDiff(before: string, after: string): string {
  const lines = align(before.split("\n"), after.split("\n"));
  const hunks = hunksOf(lines);
  return hunks.map(([from, to]) => hunkText(lines, from, to)).join("");
}

/** By the longest run of lines that both have, in order. The texts are small: a table of all pairs costs nothing. */
function align(a: readonly string[], b: readonly string[]): Line[] {
  const common: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = common[i] ?? [];
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: " ", text: a[i] ?? "" });
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: "-", text: a[i++] ?? "" });
    } else lines.push({ mark: "+", text: b[j++] ?? "" });
  }
  return lines;
}

/** From where to where lines are shown. */
function hunksOf(lines: readonly Line[]): [number, number][] {
  const hunks: [number, number][] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === " ") continue;
    const [from, to] = [Math.max(0, index - context), Math.min(lines.length, index + context + 1)];
    const last = hunks.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks;
}

function hunkText(lines: readonly Line[], from: number, to: number): string {
  const count = (some: readonly Line[], mark: "-" | "+") =>
    some.filter((line) => line.mark === " " || line.mark === mark).length;
  const head = lines.slice(0, from);
  const body = lines.slice(from, to);
  const range = (mark: "-" | "+") => `${count(head, mark) + 1},${count(body, mark)}`;
  return [`@@ -${range("-")} +${range("+")} @@`, ...body.map(({ mark, text }) => mark + text), ""].join("\n");
}
