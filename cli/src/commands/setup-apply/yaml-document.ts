// A YAML document within limits: its value, and the line of each part for errors. JSON is YAML, too. The bundle keeps this file apart with its
// library, so it imports nothing else (`cli/build.mjs`).
import {
  CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

/** References to an anchor (`*name`) in one document; each may stand for many values. */
const MAX_ALIASES = 100;
/** Lists and maps within each other. */
const MAX_DEPTH = 20;
/** Words, signs and gaps: ten for a line. A hundred servers have some ten thousand. */
const MAX_TOKENS = 100_000;

const TOO_DEEP = 'Lists and maps are nested too deeply.';

export type YamlPath = ReadonlyArray<string | number>;

export type YamlDocument = {
  value: unknown;
  /** Line of the value at the path, or of the nearest part around it that stands in the document; from 1. */
  lineAt(path: YamlPath): number;
  /** Line of a key in the map at the path. */
  lineOfKey(path: YamlPath, key: string): number;
};

/** Caught in this file: another copy of an error class is another class. */
class RefusedYaml extends Error {
  readonly line: number;
  constructor(line: number, what: string) {
    super(what);
    this.line = line;
  }
}

/** The document, or the first that is wrong in it. `what` never quotes the text: it may hold a secret. */
export function yamlDocument(
  text: string,
): { document: YamlDocument } | { refused: { line: number; what: string } } {
  try {
    return { document: documentOf(text) };
  } catch (error) {
    if (!(error instanceof RefusedYaml)) throw error;
    return { refused: { line: error.line, what: error.message } };
  }
}

function documentOf(text: string): YamlDocument {
  const lines = new LineCounter();
  const refuse = (offset: number, what: string) => new RefusedYaml(lineOf(lines, offset), what);
  const excess = excessIn(text);
  if (excess !== null) throw new RefusedYaml(excess.line, excess.what);
  const document = parsed(text, lines);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw refuse(problem.pos[0], sentenceOf(problem.code));
  refuseExcess(document, refuse);
  const nodeAt = (path: YamlPath): Node | null => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node)) return node;
    }
    return null;
  };
  const lineAt = (path: YamlPath) => lineOf(lines, nodeAt(path)?.range?.[0] ?? 0);
  return {
    value: resolved(document, refuse),
    lineAt,
    lineOfKey(path, key) {
      const map = nodeAt(path);
      const keys = isMap(map) ? map.items.map((pair) => pair.key) : [];
      const found = keys.filter(isScalar).find(({ value }) => value === key);
      return found === undefined ? lineAt(path) : lineOf(lines, found.range?.[0] ?? 0);
    },
  };
}

/** Before the document is built, which takes a minute for a million brackets. */
function excessIn(text: string): { line: number; what: string } | null {
  let line = 1;
  let tokens = 0;
  /** Brackets that are open, and lists that begin on this line, as in `- - -`. */
  let open = 0;
  let begun = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    const type = CST.tokenType(token);
    if (type === 'newline') {
      line += 1;
      begun = 0;
    } else if (type === 'flow-map-start' || type === 'flow-seq-start') open += 1;
    // One that closes nothing makes no room for more.
    else if (type === 'flow-map-end' || type === 'flow-seq-end') open = Math.max(0, open - 1);
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind') begun += 1;
    if (tokens > MAX_TOKENS) return { line, what: 'There is too much in the file.' };
    if (open > MAX_DEPTH || begun > MAX_DEPTH) return { line, what: TOO_DEEP };
  }
  return null;
}

function parsed(text: string, lineCounter: LineCounter): Document {
  return parseDocument(text, {
    lineCounter,
    // A pretty error quotes the line, which may hold a secret.
    prettyErrors: false,
    logLevel: 'error',
    ...{ version: '1.2', stringKeys: true, merge: false, resolveKnownTags: false },
    // The check of the library compares each key with each other one: minutes for a map of a megabyte. `refuseExcess` does it.
    uniqueKeys: false,
  });
}

/** The library's sentences may quote the text. */
function sentenceOf(code: string): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'There must be one document in the file.';
    case 'NON_STRING_KEY':
      return 'A key must be text.';
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    case 'TAG_RESOLVE_FAILED':
      return 'Tags such as !name are not supported.';
    case 'TAB_AS_INDENT':
      return 'Indent with spaces, not with tabs.';
    default:
      return `This is neither YAML nor JSON (${code.toLowerCase().replaceAll('_', ' ')}).`;
  }
}

/** Before anything is resolved. */
function refuseExcess(document: Document, refuse: (offset: number, what: string) => RefusedYaml): void {
  let aliases = 0;
  visit(document, {
    Node(_key, node, ancestors) {
      const offset = node.range?.[0] ?? 0;
      if (ancestors.filter(isCollection).length > MAX_DEPTH) throw refuse(offset, TOO_DEEP);
      if (isAlias(node)) aliases += 1;
      if (aliases > MAX_ALIASES) throw refuse(offset, `There are more than ${MAX_ALIASES} aliases (*name).`);
      if (!isMap(node)) return;
      const keys = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) throw refuse(key.range?.[0] ?? offset, 'This key stands there twice.');
        // It would not become a key of the object.
        if (key.value === '__proto__')
          throw refuse(key.range?.[0] ?? offset, 'The key __proto__ is not known here.');
        keys.add(key.value);
      }
    },
  });
}

function resolved(document: Document, refuse: (offset: number, what: string) => RefusedYaml): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw refuse(0, 'An alias (*name) has no anchor before it, or aliases stand for too much.');
  }
}

function lineOf(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}
