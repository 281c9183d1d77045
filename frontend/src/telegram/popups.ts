// Telegram's own question above the app: a few lines of plain text and two buttons.
import type { Bridge } from './bridge.ts';

export type Question = {
  title: string;
  /** Empty: the title alone is asked. */
  message: string;
  /** What the button that acts says. */
  action: string;
  isDestructive: boolean;
};

export type Popups = {
  /** @returns null when this client cannot ask it: it is too old, the words are too many, or another popup is open */
  ask(question: Question): Promise<boolean> | null;
  /** The client has closed the popup; `buttonId` null: by no button. */
  closed(buttonId: string | null): void;
};

const MAX_TITLE = 64;
const MAX_MESSAGE = 256;
const MAX_BUTTON = 64;
const ACT = 'act';

export function createPopups(bridge: Bridge): Popups {
  let answer: ((isYes: boolean) => void) | null = null;
  return {
    ask({ title, message, action, isDestructive }) {
      // A popup must have a message; its title may be empty.
      const [head, body] = message === '' ? ['', title] : [title, message];
      const fits =
        head.length <= MAX_TITLE && body !== '' && body.length <= MAX_MESSAGE && action.length <= MAX_BUTTON;
      if (!bridge.knows('web_app_open_popup') || !fits || answer !== null) return null;
      return new Promise((resolve) => {
        answer = resolve;
        bridge.post('web_app_open_popup', {
          title: head,
          message: body,
          buttons: [
            { id: ACT, type: isDestructive ? 'destructive' : 'default', text: action },
            { id: 'cancel', type: 'cancel' },
          ],
        });
      });
    },
    closed(buttonId) {
      answer?.(buttonId === ACT);
      answer = null;
    },
  };
}
