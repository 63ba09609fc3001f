/** Length in UTF-8 bytes, by which upstream's length limits count. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, "utf8");
}
