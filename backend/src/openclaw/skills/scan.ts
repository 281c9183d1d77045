// Looks through an uploaded skill for what could harm the server. It finds what people write openly; a skill without findings is not proved safe.
import { setImmediate as breathe } from 'node:timers/promises';
import type { SkillFinding } from '@buoy/contract';
import { lineRules } from './scan-rules.ts';
import type { SkillFile } from './skill-file.ts';
import type { SkillPackage } from './skill-package.ts';

/** Findings of one rule in one file, and in all; who reads so many does not need more. */
const PER_RULE_AND_FILE = 5;
const MOST_FINDINGS = 200;
/** Characters that are looked at in one go; the next ones begin some earlier, so that nothing hides on the edge. */
const PIECE = 4_096;
const OVERLAP = 512;
/** Lines after which everything else gets its turn. */
const LINES_AT_ONCE = 500;
/** Characters of a line that are shown. */
const EXCERPT = 160;

const rank = { high: 0, medium: 1, low: 2 };

/** The worst first, then as they stand in the files. */
export async function scanSkill(
  { head, files }: SkillPackage,
  { signal }: { signal: AbortSignal },
): Promise<SkillFinding[]> {
  const findings: SkillFinding[] = [...aboutHead(head.metadata)];
  for (const file of files) {
    findings.push(...aboutFile(file));
    const text = textOf(file.bytes);
    if (text !== null) findings.push(...(await inLines(file.path, text, signal)));
  }
  return findings.toSorted((one, other) => rank[one.severity] - rank[other.severity]).slice(0, MOST_FINDINGS);
}

async function inLines(file: string, text: string, signal: AbortSignal): Promise<SkillFinding[]> {
  const found: SkillFinding[] = [];
  const counts = new Map<string, number>();
  let looked = 0;
  for (const { line, content } of logicalLines(text)) {
    for (const piece of piecesOf(content)) {
      for (const { rule, severity, message, pattern } of lineRules) {
        const count = counts.get(rule) ?? 0;
        if (count >= PER_RULE_AND_FILE) continue;
        const match = pattern.exec(piece);
        if (match === null || found.some((one) => one.rule === rule && one.line === line)) continue;
        counts.set(rule, count + 1);
        found.push({ rule, severity, message, file, line, excerpt: excerptOf(piece, match) });
      }
      looked += 1;
      if (looked % LINES_AT_ONCE !== 0) continue;
      await breathe();
      signal.throwIfAborted();
    }
  }
  return found;
}

/** Lines as a shell reads them: one that ends in a backslash goes on in the next. */
function* logicalLines(text: string): Generator<{ line: number; content: string }> {
  let begun = '';
  let beganAt = 0;
  for (const [index, content] of text.split(/\r\n|[\n\r\u2028\u2029]/).entries()) {
    if (begun === '') beganAt = index + 1;
    const continues = /\\\s{0,4}$/.test(content);
    begun += continues ? content.replace(/\\\s{0,4}$/, ' ') : content;
    if (continues && begun.length < PIECE) continue;
    yield { line: beganAt, content: begun };
    begun = '';
  }
  if (begun !== '') yield { line: beganAt, content: begun };
}

function* piecesOf(content: string): Generator<string> {
  for (let start = 0; start === 0 || start + OVERLAP < content.length; start += PIECE - OVERLAP)
    yield content.slice(start, start + PIECE);
}

function excerptOf(piece: string, { index }: RegExpExecArray): string {
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
      ? [about('native-program', 'high', 'Is a program that nobody can read.')]
      : []),
    ...(text === null && !is(programStarts) && !is(mediaStarts)
      ? [
          about(
            'unreadable-file',
            'medium',
            'Is neither text nor a picture, and could not be looked through.',
          ),
        ]
      : []),
    ...(path.split('/').some((part) => part.startsWith('.'))
      ? [about('hidden-file', 'medium', 'Is hidden from plain listings.')]
      : []),
    ...(executable ? [about('executable-file', 'low', 'May be run as a program.')] : []),
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
    ...(always === true ? [about('always-on', 'Asks to be loaded whatever it needs.')] : []),
    ...(Array.isArray(install) && install.length > 0
      ? [about('wants-programs', 'Offers to install programs on the server.')]
      : []),
  ];
}
