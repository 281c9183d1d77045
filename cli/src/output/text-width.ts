// Measures the width of text on a terminal, cuts it and wraps it.

/** Columns of a terminal: East Asian and emoji characters take two (Unicode UAX #11), joining marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue;
    width +=
      /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** Cuts a text wider than `width` and marks the cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return `${beginning(text, width - 1)}…`;
}

/** Wraps the whole text into rows of at most `width`, between words if they are not too long. */
export function wordRows(text: string, width: number): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (row !== '' && widthOf(row) + 1 + widthOf(rest) <= width) {
      row = `${row} ${rest}`;
      continue;
    }
    if (row !== '') rows.push(row);
    while (widthOf(rest) > width) {
      // Takes at least one character: one wider than the row would otherwise loop forever.
      const piece = beginning(rest, width) || ([...rest][0] ?? '');
      rows.push(piece);
      rest = rest.slice(piece.length);
    }
    row = rest;
  }
  return [...rows, row];
}

function beginning(text: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = widthOf(character);
    if (used + next > width) break;
    kept += character;
    used += next;
  }
  return kept;
}
