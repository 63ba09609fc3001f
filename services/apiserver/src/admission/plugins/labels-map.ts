/** `env=dev,zone=a` as labels; throws for anything else. */
export function parseLabelsMap(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", value, ...more] = pair.split("=").map((part) => part.trim());
      if (value === undefined || more.length > 0) throw new Error(`invalid selector: ${pair}`);
      return [key, value];
    }),
  );
}
