// A substring keeps its whole source text in memory; this copies it.

/** The same text with memory of its own, for what is kept of something longer that others sent; lone surrogates become U+FFFD. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
