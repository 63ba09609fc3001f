/** Rows as text that people and programs can read: cells end with a comma, and columns stand below each other. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | boolean)[])[],
): string {
  const lines = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) => {
      const cells = line.map((cell, column) =>
        column === line.length - 1 ? cell : `${cell},`.padEnd((widths[column] ?? 0) + 2),
      );
      return `${cells.join("")}\n`;
    })
    .join("");
}
