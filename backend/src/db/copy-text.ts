// Rows out of the text that pg_restore writes: blocks of "COPY table (columns) FROM stdin;" with one row a line, ended by "\.".
// The form is that of https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".

export type CopiedRow = Record<string, string | null>;

/** By table, without its schema. A table that has no rows is there too. */
export function rowsInCopyText(text: string): Record<string, CopiedRow[]> {
  const tables: Record<string, CopiedRow[]> = {};
  let block: { rows: CopiedRow[]; columns: string[] } | null = null;
  for (const line of text.split('\n')) {
    if (block === null) {
      const [, table, columns] = /^COPY (?:\S+\.)?"?([^"\s]+)"? \((.*)\) FROM stdin;$/.exec(line) ?? [];
      if (table === undefined || columns === undefined) continue;
      const rows = tables[table] ?? [];
      tables[table] = rows;
      block = { rows, columns: columns.split(', ').map((name) => name.replace(/^"(.*)"$/, '$1')) };
    } else if (line === '\\.') block = null;
    else {
      const fields = line.split('\t');
      const { columns, rows } = block;
      rows.push(Object.fromEntries(columns.map((name, index) => [name, fieldIn(fields[index] ?? '')])));
    }
  }
  return tables;
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function fieldIn(text: string): string | null {
  if (text === '\\N') return null;
  return text.replace(/\\(.)/g, (_all, letter: string) => escapes[letter] ?? letter);
}
