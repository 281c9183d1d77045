// Cleans text from others for a terminal: it cannot move the cursor, set a colour or a title, fake keyboard input,
// or reorder or hide the text next to it.
// Source: ECMA-48, and the state machine of DEC-compatible parsers (https://vt100.net/emu/dec_ansi_parser).
import { seenText, textParts } from '@buoy/contract/visible-text';

/** Parser state within a control sequence. `string`: OSC, DCS, APC, PM or SOS, which end with BEL, ST or the line. */
type State = 'text' | 'escape' | 'sequence' | 'string';

export type TextCleaner = {
  /** Cleans the next piece; a sequence begun in the previous piece continues in this one. */
  clean(piece: string): string;
  /** Returns the rest after the last piece. */
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

/** Keeps line ends and tabs. A string not ended on its line is shown without its introducer, so that it hides no text after it. */
export function createTextCleaner(): TextCleaner {
  let state: State = 'text';
  /** Content of a string that has not ended. */
  let held = '';
  /** The first half of a character whose second half is in the next piece. */
  let half = '';

  /** Consumes one character of a sequence. @returns false if it ends the sequence and is text itself */
  function skip(character: string): boolean {
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
        // Intermediate characters continue the sequence, as in `ESC ( B`; a final one ends it.
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

  /** Returns the content of an unterminated string. */
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
        if (state !== 'text' && skip(character)) continue;
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

/** Cleans a complete text and keeps its lines. */
export function cleanText(text: string): string {
  const cleaner = createTextCleaner();
  return cleaner.clean(text) + cleaner.end();
}

/** Cleans a complete text and puts it on one line. */
export function cleanLine(text: string): string {
  return seenText(cleanText(text));
}
