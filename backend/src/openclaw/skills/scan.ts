// Scans an uploaded skill for what could harm the server. It finds only obvious risks; a skill without findings is not proved safe.
import type { SkillFinding } from '@buoy/contract';
import { lineRules } from './scan-rules.ts';
import type { SkillFile } from './skill-file.ts';
import type { SkillPackage } from './skill-package.ts';

/** Findings of one rule in one file, and in total; more do not help the reader. */
const PER_RULE_AND_FILE = 5;
const MAX_FINDINGS = 200;
/** Characters scanned in one piece; pieces overlap, so that no match is hidden at an edge. */
const PIECE = 4_096;
const OVERLAP = 512;
/** Characters of a line that are shown. */
const EXCERPT = 160;

const rank = { high: 0, medium: 1, low: 2 };

/** The worst first, then as they stand in the files. Takes seconds for the largest skill: it runs in skill-worker.ts. */
export function scanSkill({ head, files }: SkillPackage): SkillFinding[] {
  const findings: SkillFinding[] = [...aboutHead(head.metadata)];
  for (const file of files) {
    findings.push(...aboutFile(file));
    const text = textOf(file.bytes);
    if (text !== null) findings.push(...inLines(file.path, text));
  }
  return findings.toSorted((one, other) => rank[one.severity] - rank[other.severity]).slice(0, MAX_FINDINGS);
}

function inLines(file: string, text: string): SkillFinding[] {
  const found: SkillFinding[] = [];
  const counts = new Map<string, number>();
  for (const { line, content } of logicalLines(text)) {
    for (const piece of piecesOf(content)) {
      for (const { rule, severity, message, find } of lineRules) {
        const count = counts.get(rule) ?? 0;
        if (count >= PER_RULE_AND_FILE) continue;
        const at = find(piece);
        if (at === null || found.some((one) => one.rule === rule && one.line === line)) continue;
        counts.set(rule, count + 1);
        found.push({ rule, severity, message, file, line, excerpt: excerptOf(piece, at) });
      }
    }
  }
  return found;
}

/** Lines as a shell reads them: one that ends in a backslash goes on in the next. */
function* logicalLines(text: string): Generator<{ line: number; content: string }> {
  let begun = '';
  let beganAt = 0;
  for (const { line, content } of linesOf(text)) {
    if (begun === '') beganAt = line;
    const continues = /\\\s{0,4}$/.test(content.slice(-5));
    begun += continues ? `${content.slice(0, content.lastIndexOf('\\'))} ` : content;
    if (continues && begun.length < PIECE) continue;
    yield { line: beganAt, content: begun };
    begun = '';
  }
  if (begun !== '') yield { line: beganAt, content: begun };
}

/** One after another: ten million line breaks are no list of ten million texts. */
function* linesOf(text: string): Generator<{ line: number; content: string }> {
  const ends = /\r\n|[\n\r\u2028\u2029]/g;
  let line = 1;
  let start = 0;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    yield { line, content: text.slice(start, end.index) };
    line += 1;
    start = ends.lastIndex;
  }
  yield { line, content: text.slice(start) };
}

function* piecesOf(content: string): Generator<string> {
  for (let start = 0; start === 0 || start + OVERLAP < content.length; start += PIECE - OVERLAP)
    yield content.slice(start, start + PIECE);
}

function excerptOf(piece: string, index: number): string {
  const start = Math.max(0, Math.min(index - 20, piece.length - EXCERPT));
  return piece
    .slice(start, start + EXCERPT)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
    .trim();
}

function textOf(bytes: Buffer): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** First bytes of ELF, Windows, Mach-O (both orders, 32 and 64 bit, fat) and WebAssembly programs. */
const programStarts = [
  '7f454c46',
  '4d5a',
  'cffaedfe',
  'cefaedfe',
  'feedfacf',
  'feedface',
  'cafebabe',
  '0061736d',
];
/** First bytes of PNG, JPEG, GIF, WebP (RIFF), PDF, and the fonts of the web. */
const mediaStarts = [
  '89504e47',
  'ffd8ff',
  '47494638',
  '52494646',
  '25504446',
  '774f4646',
  '774f4632',
  '00010000',
  '4f54544f',
];

function aboutFile({ path, bytes, executable }: SkillFile): SkillFinding[] {
  const start = bytes.subarray(0, 4).toString('hex');
  const is = (marks: readonly string[]) => marks.some((mark) => start.startsWith(mark));
  const about = (rule: string, severity: SkillFinding['severity'], message: string): SkillFinding => ({
    rule,
    severity,
    message,
    file: path,
    line: null,
    excerpt: null,
  });
  const text = textOf(bytes);
  return [
    ...(text === null && is(programStarts)
      ? [about('native-program', 'high', 'Is a compiled program, so it cannot be scanned.')]
      : []),
    ...(text === null && !is(programStarts) && !is(mediaStarts)
      ? [about('unreadable-file', 'medium', 'Is neither text nor an image, so it was not scanned.')]
      : []),
    ...(path.split('/').some((part) => part.startsWith('.'))
      ? [about('hidden-file', 'medium', 'Is a hidden file.')]
      : []),
    ...(executable ? [about('executable-file', 'low', 'Is marked as executable.')] : []),
  ];
}

/** What a skill asks of OpenClaw in its metadata: to be in every prompt, to have programs installed. */
function aboutHead(metadata: unknown): SkillFinding[] {
  const { openclaw } = Object(metadata) as { openclaw?: unknown };
  const { always, install } = Object(openclaw) as { always?: unknown; install?: unknown };
  const about = (rule: string, message: string): SkillFinding => ({
    rule,
    severity: 'medium',
    message,
    file: 'SKILL.md',
    line: null,
    excerpt: null,
  });
  return [
    ...(always === true
      ? [about('always-on', 'Asks to be loaded even when its requirements are missing.')]
      : []),
    ...(Array.isArray(install) && install.length > 0
      ? [about('wants-programs', 'Offers to install programs on the server.')]
      : []),
  ];
}
