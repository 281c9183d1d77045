// Telegram's back button: first closes an open dialog, then goes one level up.
import type { Bridge } from './bridge.ts';

export type BackButton = {
  /** Whether the page that is open has something above it to go back to. */
  show(isVisible: boolean): void;
  /** Until that is ended, the button is there and calls `close` only; of several, the newest. @returns what ends that */
  closes(close: () => void): () => void;
  /** The client says that the button was pressed. */
  pressed(): void;
};

/** @param onBack goes one step up */
export function createBackButton(bridge: Bridge, onBack: () => void): BackButton {
  const open: { close: () => void }[] = [];
  let isOnPage = false;
  /** null: a client that was there before a reload may show it still. */
  let isShown: boolean | null = null;
  const apply = (): void => {
    const isWanted = isOnPage || open.length > 0;
    if (isWanted === isShown) return;
    isShown = isWanted;
    bridge.post('web_app_setup_back_button', { is_visible: isWanted });
  };
  return {
    show(isVisible) {
      isOnPage = isVisible;
      apply();
    },
    closes(close) {
      const one = { close };
      open.push(one);
      apply();
      return () => {
        const place = open.indexOf(one);
        if (place !== -1) open.splice(place, 1);
        apply();
      };
    },
    pressed() {
      const newest = open.at(-1);
      if (newest === undefined) onBack();
      else newest.close();
    },
  };
}
