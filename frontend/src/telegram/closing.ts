// Asks before Telegram closes the app while input is unsaved.
import type { Bridge } from './bridge.ts';

export type Closing = {
  /** Telegram asks before it closes the app, and no swipe closes it. @returns what ends that */
  confirmClosing(): () => void;
  /** No vertical swipe closes the app: the finger scrolls or selects. @returns what ends that */
  withoutSwipes(): () => void;
};

export function createClosing(bridge: Bridge): Closing {
  const confirmed = counted((isOn) =>
    bridge.post('web_app_setup_closing_behavior', { need_confirmation: isOn }),
  );
  const swipeless = counted((isOn) =>
    bridge.post('web_app_setup_swipe_behavior', { allow_vertical_swipe: !isOn }),
  );
  return {
    confirmClosing() {
      const ends = [confirmed(), swipeless()];
      return () => {
        for (const end of ends) end();
      };
    },
    withoutSwipes: swipeless,
  };
}

/** On from the first who asks for it until the last has ended it. */
function counted(set: (isOn: boolean) => void): () => () => void {
  let users = 0;
  return () => {
    users += 1;
    if (users === 1) set(true);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      users -= 1;
      if (users === 0) set(false);
    };
  };
}
