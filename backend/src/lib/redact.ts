// Masks secrets in stored text, such as audit entries.
// Stored answers of OpenClaw keep the masks of their time: a new rule needs a migration that deletes them, as 0025 does.
import { isSecretAfter, isSecretField, lettersOf } from './secret-fields.ts';

const MASK = '[redacted]';

/** Fields of Buoy's API whose value is a secret, besides those that are called so. People write keys into the `script` of a setup step. */
const secretOfApi = /^(initdata|code|usercode|devicecode|ticket|stdin|script)$/;

/** Fields whose texts a shell runs, or a program that may be one. */
const fieldsOfCommands: ReadonlySet<string> = new Set(['command', 'argv']);

/** What may stand between a name and its secret: behind the end of a line, a shell takes the next word for a command. */
const GAP = String.raw`[ \t]`;

/** Kinds of keys that are secrets, inside a text. */
const KEY = '(?:api|private|secret|access|signing|auth|encrypt(?:ion)?)[_-]?key';

/** `$(…)`, `<(…)` and what stands between backticks: a shell runs it. */
const RUN = String.raw`\x60|[$<>]\(`;

/**
 * Where a shell takes the next word for a command, and not for the secret of a name before it: behind an assignment (`A=token: run`) and `env -u`.
 * It looks back over the whole word, however long, so only from its end: each word is read once.
 */
const NOT_ASSIGNED = String.raw`(?=:?[ \t])(?<!(?:=|\s-u)(?:[^\s;|&]|\\[ \t])*)`;

/**
 * Shapes of secrets inside a text, such as a command line. The first group stays, what follows it goes. Each begins with letters of its
 * own and looks back from there at what must stand before: a text of a megabyte holds up everybody for as long as this takes.
 */
export const secretShapes: readonly RegExp[] = shapesOf('text');

/** The same for what a shell runs: whoever wants to run something unseen writes it where a secret would be. */
const shapesInCommand: readonly RegExp[] = shapesOf('command');

type Reading = 'text' | 'command';

function shapesOf(reading: Reading): readonly RegExp[] {
  const name = `(?:password|passwd|passphrase|secret|token|${KEY}|credential)s?`;
  const value = (character?: string) => secretValue(reading, character);
  const within = reading === 'command' ? NOT_ASSIGNED : '';
  // In a text, `token= …` is as good as `token=…`.
  const equals = reading === 'command' ? '=' : `=${GAP}{0,4}`;
  return [
    privateKeyShape(),
    // user:password@ in a URL
    shape(
      String.raw`((?<=[a-z0-9+.-]):\/\/[^\s/:@]{0,100}:)${unlessCommand(reading, String.raw`[^\s/@]`, '{0,300}')}[^\s/@]{1,300}(?=@)`,
    ),
    // Authorization: Bearer …, Basic …
    shape(String.raw`(\b(?:bearer|basic)${within}${GAP}+)[\w.~+/=-]{8,}`),
    // --password=…, --api-key …, also quoted
    shape(
      String.raw`(${name}(?<=-[\w-]{0,50})(?:${equals}|${within}${GAP}{1,4}=${GAP}{0,4}|${within}${GAP}{1,4}))${value()}`,
    ),
    // PASSWORD=…, "apiKey": "…", token: …
    shape(
      `(${name}["']?(?:${equals}|:|${within}${GAP}{1,4}[=:]${GAP}{0,4}|${within}:${GAP}{1,4}))${value(String.raw`[^\s,;|&}]`)}`,
    ),
    // gateway.auth.token 0123…, as in `config set`
    shape(
      String.raw`((?:password|passphrase|secret|token|${KEY})(?<=\w\.[\w-]{0,50})${within}${GAP}{1,4})${value()}`,
    ),
    // sshpass -p …, mysql -p…: the value right after -p of the tools that take a password there
    shape(String.raw`(\bsshpass${GAP}+-p${GAP}*|\bmysql\w{0,10}${GAP}[^;|&\r\n]{0,100}?-p)${value()}`),
    // user:password of curl
    shape(String.raw`(\s-u${GAP}{1,4}[^\s:]{1,100}:|\s--user${GAP}{1,4}[^\s:]{1,100}:)${word()}`, 'g'),
    // JSON Web Tokens
    /()(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g,
    // keys of model providers, GitHub, GitLab, Slack, AWS, Google, Telegram bots, and Buoy's own tokens
    /()\b(?:sk|pk|rk)-[\w-]{16,}/g,
    /()\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[a-z]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{30,})/g,
    /(\b(?:bot)?)\d{6,12}:[\w-]{30,}/g,
    /()\bbuoy_[\w-]{20,}/g,
  ];
}

/** The value of a secret, quoted or not. @param character of one without quotes */
function secretValue(reading: Reading, character?: string): string {
  return `(?:"${unlessCommand(reading, '[^"]')}[^"]*"|'${unlessCommand(reading, "[^']")}[^']*'|${word(character)})`;
}

/** A value without quotes, up to where a command could go on. */
function word(character = String.raw`[^\s;|&]`): string {
  return `(?:(?!${RUN})${character})+`;
}

function shape(source: string, flags = 'gi'): RegExp {
  return new RegExp(source, flags);
}

/**
 * Holds where the characters ahead cannot be a command: a quote that ends one text looks like one that begins a value, and whoever wants
 * to run something unseen writes it in between. In a text, a password may have `;` or blanks, but hardly both; in a command, what has `;` stays.
 * @param inside one character of the value
 */
function unlessCommand(reading: Reading, inside: string, times = '*'): string {
  const some = inside + times;
  if (reading === 'command') return String.raw`(?!${some}(?:[\n;|&]|${RUN}))`;
  return String.raw`(?!${some}(?:\n|${RUN}))(?!(?=${some}[;|&])${some}[\s$<>{}])`;
}

/**
 * A private key, whole or cut off. Only what can be one belongs to it, lines of base64 and headers, so that nobody hides the rest of a
 * command behind a first line. A short last line belongs to it only with the end of the key: alone, it could be a command. What is behind the first line
 * may be missing, so that a search hardly goes back.
 */
function privateKeyShape(): RegExp {
  const between = String.raw`(?:\s|\\{1,4}[nr])*`;
  const header = String.raw`[A-Za-z][A-Za-z-]{0,30}: [\w+/=,.-]{1,80}`;
  const line = '[A-Za-z0-9+/=]{16,}';
  const lastLine = '[A-Za-z0-9+/=]{1,15}';
  const end = '-----END [A-Z ]*PRIVATE KEY-----';
  return new RegExp(
    `()-----BEGIN [A-Z ]*PRIVATE KEY-----(?:${between}(?:${header}|${line}))*(?:(?:${between}${lastLine})?${between}${end})?`,
    'g',
  );
}

/**
 * `text` with recognizable secrets masked. Best effort: a secret without a known shape looks like any word. It never gets longer, so that
 * secrets in the first part of a command cannot push the rest beyond the length at which a text is cut.
 */
export function redactText(text: string): string {
  return redactWith(secretShapes, text);
}

/** Whether `redactText` would mask anything, at a fraction of its cost where it would mask much. */
export function holdsSecret(text: string): boolean {
  return secretShapes.some((shape) => text.search(shape) !== -1);
}

/** `redactText` for a command: what it may run of that stays. */
export function redactCommand(text: string): string {
  return redactWith(shapesInCommand, text);
}

/** It announces a secret and is none, though the `-p` in it looks like that of MySQL. */
const longOption = /^--[A-Za-z][\w-]{0,64}$/;

/** Words before an argument, and UTF-16 units of them, that are read with it: shapes look back on a few words. */
const MAX_WORDS_AHEAD = 12;
const MAX_AHEAD = 200;

/** `redactCommand` for the words of a command: one of them may be the secret that the words before it announce, as in `--password WORD`. */
export function redactArguments(words: readonly string[]): string[] {
  return words.map((word, index) => redactArgument(word, words, index));
}

/** @param index of the word among them */
function redactArgument(word: string, words: readonly unknown[], index: number): string {
  const alone = redactCommand(word);
  if (alone !== word || index === 0 || word === '' || longOption.test(word)) return alone;
  const ahead = ` ${aheadOf(words, index)} `;
  const joined = redactCommand(ahead + word);
  if (joined.endsWith(` ${word}`)) return word;
  const kept = redactCommand(ahead);
  return joined.startsWith(kept) ? joined.slice(kept.length) : MASK;
}

/** The end of the words before that one, as one line. */
function aheadOf(words: readonly unknown[], index: number): string {
  let ahead = '';
  for (let at = index - 1; at >= Math.max(0, index - MAX_WORDS_AHEAD) && ahead.length < MAX_AHEAD; at -= 1) {
    const word = words[at];
    ahead = `${typeof word === 'string' ? word.slice(-MAX_AHEAD) : ''} ${ahead}`;
  }
  return ahead.trim();
}

function redactWith(shapes: readonly RegExp[], text: string): string {
  return shapes.reduce((redacted, shape) => redacted.replace(shape, masked), text);
}

function masked(found: string, kept: string): string {
  const length = found.length - kept.length;
  return kept + (length < MASK.length ? '***'.slice(0, length) : MASK);
}

/** UTF-16 units for which a short text counts. */
const MIN_COUNTED = 16;
/** UTF-16 units read beyond a cut, so that the head of a secret across it is still recognised. */
const BEYOND_CUT = 1_024;

export type RedactOptions = {
  /** UTF-16 units after which a text is cut. */
  maxText?: number;
  /** UTF-16 units of all texts together after which the others are left out. */
  total?: number;
  /** Done to each text that has been redacted. */
  change?(text: string): string;
};

/** A JSON value with secret fields masked, texts redacted, and long texts cut. */
export function redactJson(value: unknown, options: RedactOptions = {}): unknown {
  const { maxText = 4_096, total = Number.POSITIVE_INFINITY, change = (text) => text } = options;
  let left = total;
  return mapTexts(value, (text, field, list, index) => {
    if (left <= 0) return '…';
    const read = text.slice(0, maxText + BEYOND_CUT);
    // Also a short text takes its time.
    left -= Math.max(read.length, MIN_COUNTED);
    const redacted = fieldsOfCommands.has(field)
      ? redactArgument(read, list, index)
      : isSecretAfter(list[index - 1], read)
        ? MASK
        : redactText(read);
    return change(text.length > maxText ? `${redacted.slice(0, maxText).toWellFormed()}…` : redacted);
  });
}

/** A JSON value with secret fields masked and its texts as they are. */
export function maskSecretFields(value: unknown): unknown {
  return mapTexts(value, (text) => text);
}

/** @param change gets the field that the text is in, also as an item of a list, '' outside of all; and its place in that list */
function mapTexts(
  value: unknown,
  change: (text: string, field: string, list: readonly unknown[], index: number) => string,
  field = '',
  list: readonly unknown[] = [],
  index = 0,
): unknown {
  if (typeof value === 'string') return change(value, field, list, index);
  if (Array.isArray(value)) return value.map((item, at) => mapTexts(item, change, field, value, at));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      item != null && (isSecretField(name) || secretOfApi.test(lettersOf(name)))
        ? MASK
        : mapTexts(item, change, name),
    ]),
  );
}
