// Converts line breaks between a file and the editor, so that a file keeps its own.

export type FileText = { text: string; lineBreak: '\n' | '\r\n' };

/** A file that mixes both ends of lines gets the shorter one when it is saved. */
export function openedText(content: string): FileText {
  const all = content.match(/\r\n|\r|\n/g) ?? [];
  const lineBreak = all.length > 0 && all.every((one) => one === '\r\n') ? '\r\n' : '\n';
  return { text: content.replace(/\r\n?/g, '\n'), lineBreak };
}

export function savedText({ text, lineBreak }: FileText): string {
  return lineBreak === '\n' ? text : text.replaceAll('\n', lineBreak);
}
