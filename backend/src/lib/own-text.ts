// A text that was cut out of a longer one is a view of it: whoever keeps the view keeps all of the longer one in memory.

/** The same text with memory of its own, for what is kept of something longer that others sent; lone surrogates become U+FFFD. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
