// The message about a terminal's end: shown below it and as its last line.
import type { Language } from '../../i18n/languages.ts';
import type { TerminalEnd } from './terminal-connection.ts';
import type { terminalTexts } from './texts.ts';

export type ScreenEnd =
  | TerminalEnd
  | { how: 'closed' }
  /** Its code could not be fetched. */
  | { how: 'not-loaded' };

export function endInWords(end: ScreenEnd, t: (typeof terminalTexts)[Language]): string {
  switch (end.how) {
    case 'exit':
      if (end.signal !== null) return t.killedBy(end.signal);
      return end.exitCode === null ? t.exited : t.exitedWith(end.exitCode);
    case 'refused':
      return end.problem.message;
    case 'lost':
      return t.lost;
    case 'closed':
      return t.youClosed;
    case 'not-loaded':
      return t.notLoaded;
  }
}
