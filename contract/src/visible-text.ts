// Which characters of a text nobody sees, so that web app and command line can leave them out or show them as what they are.
// Sources: Unicode Default_Ignorable_Code_Point (UAX #44), bidirectional controls (UAX #9), CVE-2021-42574 (Trojan Source).

/**
 * What a text is for decides what counts as hidden in it. `prose` is read: blanks of other widths belong to the spelling of French, Japanese and
 * many numbers. `name`: also each blank but the ordinary one. `command`: also each selector and joiner and what fonts draw as nothing or as they
 * like, since a shell, a file or a config takes the characters and not what they look like.
 */
export type TextKind = 'prose' | 'name' | 'command';

// Controls are spelled as ranges, without tab and line end, and blanks one by one, without the ordinary one: excluding them by a lookahead took
// a third longer on texts of megabytes.
/** Controls, what a font leaves out, blanks or reorders, separators of lines that are no "\n", and interlinear annotations. */
const hiddenInProse =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800\ufff9-\ufffb]/gu;
/** The same, and blanks that no shell splits words at, but that look as if it did. */
const hiddenOrBlank =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\p{Default_Ignorable_Code_Point}\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u2028\u2029\u2800\ufff9-\ufffb]/gu;
/** The same, characters of format and private use, a note and a letter that are drawn as nothing, and what stands for an object. */
const hiddenInCommand =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u2028\u2029\u2800\ufff9-\ufffc\u{1d159}\u{16fe4}]/gu;
const patterns: Readonly<Record<TextKind, RegExp>> = {
  prose: hiddenInProse,
  name: hiddenOrBlank,
  command: hiddenInCommand,
};

/** Stands before the selectors that choose between text and emoji. */
const emojiBase = /\p{Emoji}/u;
/** Is an emoji only as a keycap, before U+20E3. */
const keycapBase = /[0-9#*]/;
/** Stands beside the blank of that script; the blank itself is left out. */
const brailleLetter = /[\u2801-\u28ff]/;
/** Stands before a joiner within one emoji, as in a family. */
const joinsEmoji = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u;
/** Scripts whose spelling needs the joiner and the non-joiner (RFC 5892, appendix A). */
const joinsLetters =
  /[\p{scx=Arab}\p{scx=Syrc}\p{scx=Nkoo}\p{scx=Mong}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;

/** A text in order: what is seen as it is, and single characters that are not seen. */
export type TextPart = { text: string; isHidden: boolean };

/**
 * A tab and a line end are seen. Outside of commands, an emoji keeps its selector and joiner, and a script that is spelled with joiners keeps those.
 * @param maxParts what stands behind so many is left out
 */
export function textParts(
  text: string,
  maxParts = Number.POSITIVE_INFINITY,
  kind: TextKind = 'prose',
): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  // Only what may be hidden is looked at: a list of all characters of a text of megabytes takes seconds.
  for (const { 0: character, index } of text.matchAll(patterns[kind])) {
    if (parts.length >= maxParts) return parts;
    if (isSeenAt(text, index, character, kind)) continue;
    if (index > from) parts.push({ text: text.slice(from, index), isHidden: false });
    parts.push({ text: character, isHidden: true });
    from = index + character.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isHidden: false });
  return parts;
}

/** The text with each hidden character replaced. */
function withoutHidden(text: string, kind: TextKind, inPlace: (character: string) => string): string {
  return text.replace(patterns[kind], (character: string, index: number) =>
    isSeenAt(text, index, character, kind) ? character : inPlace(character),
  );
}

function isSeenAt(text: string, index: number, character: string, kind: TextKind): boolean {
  const before = characterBefore(text, index);
  const after = characterAt(text, index + character.length);
  if (character === '\r') return after === '\n';
  if (character === '\u2800') return kind === 'prose' && [before, after].some(isBrailleLetter);
  return kind !== 'command' && isNeeded(character, before, after);
}

function isBrailleLetter(character: string | undefined): boolean {
  return character !== undefined && brailleLetter.test(character);
}

function characterAt(text: string, index: number): string | undefined {
  const code = text.codePointAt(index);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

function characterBefore(text: string, index: number): string | undefined {
  const two = index < 2 ? undefined : characterAt(text, index - 2);
  return two?.length === 2 ? two : text[index - 1];
}

/** Whether an emoji, or the spelling of a script, needs it. */
function isNeeded(character: string, before: string | undefined, after: string | undefined): boolean {
  if (before === undefined) return false;
  switch (character) {
    case '\ufe0e':
    case '\ufe0f':
      return keycapBase.test(before) ? after === '\u20e3' : emojiBase.test(before);
    case '\u200c':
      return joinsLetters.test(before);
    case '\u200d':
      return joinsLetters.test(before) || isEmojiJoin(before, after);
    default:
      return false;
  }
}

function isEmojiJoin(before: string, after: string | undefined): boolean {
  return joinsEmoji.test(before) && after !== undefined && /\p{Extended_Pictographic}/u.test(after);
}

/** The text with each hidden character as its escape, `\u202e`, and Escape itself as ␛: for places that take plain text only. */
export function visibleText(text: string, kind: TextKind = 'prose'): string {
  return withoutHidden(text, kind, visibleMark);
}

/** The text on one line and without hidden characters: what is left of a name. */
export function seenText(text: string): string {
  return withoutHidden(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '), 'prose', () => '');
}

/** Stands for a hidden character: ␛ for controls that have a picture, else its escape. */
export function visibleMark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** As in `U+202E RIGHT-TO-LEFT OVERRIDE`; the number alone where the character is a rare one. */
export function hiddenName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = names[code] ?? rangeName(code);
  return name === null ? number : `${number} ${name}`;
}

function rangeName(code: number): string | null {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return 'CONTROL CHARACTER';
  if (isPrivateUse(code)) return 'PRIVATE USE CHARACTER';
  if (code >= 0xe0000 && code <= 0xe007f) return 'TAG CHARACTER';
  if ((code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef)) return 'VARIATION SELECTOR';
  return null;
}

function isPrivateUse(code: number): boolean {
  return (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
}

const names: Readonly<Record<number, string>> = {
  0: 'NULL',
  7: 'BELL',
  8: 'BACKSPACE',
  13: 'CARRIAGE RETURN',
  27: 'ESCAPE',
  127: 'DELETE',
  155: 'CONTROL SEQUENCE INTRODUCER',
  157: 'OPERATING SYSTEM COMMAND',
  160: 'NO-BREAK SPACE',
  173: 'SOFT HYPHEN',
  847: 'COMBINING GRAPHEME JOINER',
  1564: 'ARABIC LETTER MARK',
  4447: 'HANGUL CHOSEONG FILLER',
  4448: 'HANGUL JUNGSEONG FILLER',
  5760: 'OGHAM SPACE MARK',
  6158: 'MONGOLIAN VOWEL SEPARATOR',
  8192: 'EN QUAD',
  8193: 'EM QUAD',
  8194: 'EN SPACE',
  8195: 'EM SPACE',
  8196: 'THREE-PER-EM SPACE',
  8197: 'FOUR-PER-EM SPACE',
  8198: 'SIX-PER-EM SPACE',
  8199: 'FIGURE SPACE',
  8200: 'PUNCTUATION SPACE',
  8201: 'THIN SPACE',
  8202: 'HAIR SPACE',
  8203: 'ZERO WIDTH SPACE',
  8204: 'ZERO WIDTH NON-JOINER',
  8205: 'ZERO WIDTH JOINER',
  8206: 'LEFT-TO-RIGHT MARK',
  8207: 'RIGHT-TO-LEFT MARK',
  8232: 'LINE SEPARATOR',
  8233: 'PARAGRAPH SEPARATOR',
  8234: 'LEFT-TO-RIGHT EMBEDDING',
  8235: 'RIGHT-TO-LEFT EMBEDDING',
  8236: 'POP DIRECTIONAL FORMATTING',
  8237: 'LEFT-TO-RIGHT OVERRIDE',
  8238: 'RIGHT-TO-LEFT OVERRIDE',
  8239: 'NARROW NO-BREAK SPACE',
  8287: 'MEDIUM MATHEMATICAL SPACE',
  8288: 'WORD JOINER',
  8294: 'LEFT-TO-RIGHT ISOLATE',
  8295: 'RIGHT-TO-LEFT ISOLATE',
  8296: 'FIRST STRONG ISOLATE',
  8297: 'POP DIRECTIONAL ISOLATE',
  10240: 'BRAILLE PATTERN BLANK',
  12288: 'IDEOGRAPHIC SPACE',
  12644: 'HANGUL FILLER',
  65279: 'ZERO WIDTH NO-BREAK SPACE',
  65532: 'OBJECT REPLACEMENT CHARACTER',
  94180: 'KHITAN SMALL SCRIPT FILLER',
  119129: 'MUSICAL SYMBOL NULL NOTEHEAD',
};

/** JSON with escapes for every character that a terminal would act on or hide; the value is the same. */
export function terminalJson(value: unknown, indent?: number, kind: TextKind = 'prose'): string {
  return withoutHidden(JSON.stringify(value, null, indent), kind, escaped);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
