// Finds Markdown whose parsing takes seconds, or whose depth exceeds the stack: an agent could hold up, or end, the page of everybody who reads it.
// Counts marks and never parses, in one pass: what it counts is at least what a parser would find.

/** UTF-16 units; what is longer holds the page up whatever it holds. */
export const MAX_MARKDOWN = 30_000;
/** Lists and quotes within each other. */
const MAX_DEPTH = 30;
/** Lists, quotes and footnotes that begin on a line, counted over all lines. */
const MAX_CONTAINERS = 2_000;
/** A line of a paragraph is tried as the beginning of everything else, in each container around it. */
const MAX_LINES = 2_000;
/** Underlines of headings: each looks back over what was read before. */
const MAX_UNDERLINES = 200;
/** Marks that emphasize: each may lie within the ones before, and is compared with them. */
const MAX_EMPHASIS = 2_000;
/** Brackets of links and pictures. */
const MAX_BRACKETS = 6_000;
/** Brackets within each other. */
const MAX_OPEN = 50;
/** Each bracket looks for its other one among all of its block: the sum of the squares of their numbers. */
const MAX_BRACKET_PAIRS = 1_000_000;
/** Rows times columns: a row that lacks cells is filled up with empty ones. */
const MAX_CELLS = 5_000;

/** Characters that are read in vain: from each beginning of HTML or of a link to the end of its block, and from one of an address to the next space. */
const MAX_READ = 6_000_000;
/** The end of an address is looked for at each mark that may follow one: the sum of the squares of how many stand side by side. */
const MAX_ADDRESS_ENDS = 1_000_000;

/** Where containers begin, and the space around. */
const containers = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)]|\[\^[^\]]*\]:)(?=[ \t]|$)))*[ \t]*/;
const container = />|\[\^[^\]]*\]:|[-+*.)]/g;
/** What makes the rows around it a table. */
const delimiterRow = /^[ \t>:|-]+$/;
const underline = /[-=][ \t]*$/;
const blank = /^[ \t]*$/;
const htmlOrLink = /<[!?]|\]\(/g;
const address = /<[a-z][-\w+.]+:/gi;
const addressEnds = /(?:[!"'),.:;<?_~\]*]|&[a-z]*;?)+/gi;
/** Begins a block of its own wherever it stands. */
const item = /^ {0,3}[-+*] +[^ \t]/;

export function isCostly(text: string): boolean {
  if (text.length > MAX_MARKDOWN) return true;
  const lines = text.split(/\r?\n/);
  return (
    lines.length > MAX_LINES ||
    text.replace(/[^*_~]+/g, '').length > MAX_EMPHASIS ||
    lines.filter((line) => underline.test(line)).length > MAX_UNDERLINES ||
    hasCostlyAddresses(text) ||
    hasCostlyContainers(lines) ||
    hasCostlyBlocks(blocksOf(lines))
  );
}

function hasCostlyAddresses(text: string): boolean {
  let [read, ends] = [0, 0];
  for (const [word] of text.matchAll(/\S+/g)) {
    read += countIn(word, address) * word.length;
    for (const [run] of word.matchAll(addressEnds)) if (!/^[*_~]*$/.test(run)) ends += run.length ** 2;
  }
  return read > MAX_READ || ends > MAX_ADDRESS_ENDS;
}

function countIn(text: string, part: RegExp): number {
  return text.match(part)?.length ?? 0;
}

function hasCostlyContainers(lines: readonly string[]): boolean {
  let count = 0;
  for (const line of lines) {
    const [start = ''] = containers.exec(line) ?? [];
    const begun = start.match(container)?.length ?? 0;
    if (begun === 0) continue;
    count += begun;
    // To lie within a list of an earlier line takes two columns of space at least.
    const columns = start.replace(/[^ \t]+/g, '').replaceAll('\t', '    ').length;
    if (begun + columns / 2 > MAX_DEPTH) return true;
  }
  return count > MAX_CONTAINERS;
}

/** Paragraphs and tables; several of them where their border is not certain. */
function blocksOf(lines: readonly string[]): string[][] {
  let block: string[] = [];
  const blocks = [block];
  for (const line of lines) {
    const isBlank = blank.test(line);
    if (isBlank || item.test(line)) {
      block = [];
      blocks.push(block);
    }
    if (!isBlank) block.push(line);
  }
  return blocks;
}

function hasCostlyBlocks(blocks: readonly string[][]): boolean {
  let [brackets, pairs, cells, read] = [0, 0, 0, 0];
  for (const block of blocks) {
    const length = block.reduce((sum, line) => sum + line.length, 0);
    read += block.reduce((count, line) => count + countIn(line, htmlOrLink), 0) * length;
    const { count, depth } = bracketsIn(block);
    if (depth > MAX_OPEN) return true;
    brackets += count;
    pairs += count ** 2;
    const columns = block.map((line) => (delimiterRow.test(line) ? (line.match(/-+/g)?.length ?? 0) : 0));
    cells += (block.length - 1) * columns.reduce((most, one) => Math.max(most, one), 0);
  }
  return brackets > MAX_BRACKETS || pairs > MAX_BRACKET_PAIRS || cells > MAX_CELLS || read > MAX_READ;
}

function bracketsIn(block: readonly string[]): { count: number; depth: number } {
  let [count, open, depth] = [0, 0, 0];
  for (const line of block)
    for (const [mark] of line.matchAll(/[[\]]/g)) {
      count += 1;
      open = mark === '[' ? open + 1 : Math.max(0, open - 1);
      depth = Math.max(depth, open);
    }
  return { count, depth };
}
