// Indents text that belongs to the line above it.

/** Indents each line of `text` by two columns. */
export function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
