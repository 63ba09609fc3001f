/** A set of completion indexes as statuses write it: `1,3-5,7`. Only what is below `limit` counts. */
export function parseIndexes(text: string | undefined, limit: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? "").split(",")) {
    const [first, last] = part.split("-");
    if (!first) continue;
    const end = Math.min(Number(last ?? first), limit - 1);
    for (let index = Number(first); index <= end; index++) indexes.add(index);
  }
  return indexes;
}

/** The shortest text: three and more in a row are a range, as upstream writes it; two stand side by side. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to + 1 < sorted.length && sorted[to + 1] === (sorted[to] ?? 0) + 1) to++;
    const [first, last] = [sorted[from], sorted[to]];
    if (to === from) parts.push(`${first}`);
    else parts.push(to === from + 1 ? `${first},${last}` : `${first}-${last}`);
    from = to + 1;
  }
  return parts.join(",");
}
