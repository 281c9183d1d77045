// What belongs to the line above it.

/** Each line of `text` two columns further in. */
export function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
