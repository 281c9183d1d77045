// What others wrote, made harmless for a terminal: nothing in it moves the cursor, sets a colour or a title, answers for the keyboard,
// reorders or hides what stands beside it.
// Source: ECMA-48, and the state machine of DEC-compatible parsers (https://vt100.net/emu/dec_ansi_parser).
import { seenText, textParts } from '@buoy/contract/visible-text';

/** Where in a control sequence a text is. `string`: OSC, DCS, APC, PM or SOS, which end with BEL, ST or the line. */
type State = 'text' | 'escape' | 'sequence' | 'string';

export type TextCleaner = {
  /** What is left of the next piece; a sequence that was begun in the piece before goes on in this one. */
  clean(piece: string): string;
  /** What is left when no piece comes any more. */
  end(): string;
};

const ESCAPE = 0x1b;
const STRINGS_7BIT = 'P]X^_';
const STRINGS_8BIT = '\x90\x98\x9d\x9e\x9f';
const BELL = '\x07';
const SEQUENCE_8BIT = '\x9b';
const STRING_END_8BIT = '\x9c';
/** Cancel and Substitute end any sequence. */
const CANCELS = '\x18\x1a';

/** Keeps line ends and tabs. A string that its line does not end is shown without its introducer, so that it hides nothing behind it. */
export function createTextCleaner(): TextCleaner {
  let state: State = 'text';
  /** Content of a string that has not ended. */
  let held = '';
  /** The first half of a character whose second half is in the next piece. */
  let half = '';

  /** Takes one character that belongs to a sequence. @returns false when it ends the sequence and is text itself */
  function swallow(character: string): boolean {
    const code = character.charCodeAt(0);
    if (code === ESCAPE || CANCELS.includes(character)) {
      state = code === ESCAPE ? 'escape' : 'text';
      held = '';
      return true;
    }
    switch (state) {
      case 'escape':
        if (character === '[') state = 'sequence';
        else if (STRINGS_7BIT.includes(character)) state = 'string';
        // Intermediate characters go on, as in `ESC ( B`; a final one ends it.
        else if (code < 0x20 || code > 0x2f) {
          state = 'text';
          return code >= 0x30 && code <= 0x7e;
        }
        return true;
      case 'sequence':
        if (code >= 0x20 && code <= 0x3f) return true;
        state = 'text';
        return code >= 0x40 && code <= 0x7e;
      case 'string':
        if (character === '\n') return false;
        if (character === BELL || character === STRING_END_8BIT) state = 'text';
        else held += character;
        return true;
      default:
        return false;
    }
  }

  function visible(kept: string): string {
    return textParts(kept)
      .map((part) => (part.isHidden ? '' : part.text))
      .join('')
      .replaceAll('\r', '');
  }

  /** What a string held that did not end as it should. */
  function release(): string {
    const content = state === 'string' ? held : '';
    held = '';
    state = 'text';
    return content;
  }

  return {
    clean(piece) {
      const whole = half + piece;
      if (state === 'text' && !/[\x1b\x80-\x9f\ud800-\udfff]/.test(whole)) return visible(whole);
      half = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? '';
      let kept = '';
      for (const character of half === '' ? whole : whole.slice(0, -1)) {
        if (state !== 'text' && swallow(character)) continue;
        kept += release();
        if (character === '\x1b') state = 'escape';
        else if (character === SEQUENCE_8BIT) state = 'sequence';
        else if (STRINGS_8BIT.includes(character)) state = 'string';
        else kept += character;
      }
      return visible(kept);
    },
    end() {
      const rest = release() + half;
      half = '';
      return visible(rest);
    },
  };
}

/** A text of its own, with its lines. */
export function cleanText(text: string): string {
  const cleaner = createTextCleaner();
  return cleaner.clean(text) + cleaner.end();
}

/** A text of its own, on one line. */
export function cleanLine(text: string): string {
  return seenText(cleanText(text));
}

/** JSON with every character that a terminal acts on or does not show as its escape: it says the same. */
export function terminalJson(value: unknown, indent?: number): string {
  return textParts(JSON.stringify(value, null, indent))
    .map((part) => (part.isHidden ? escaped(part.text) : part.text))
    .join('');
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
