// The main and the secondary button: Telegram's own, below the page, in place of the buttons of a form.
import type { Bridge } from './bridge.ts';

export type BottomButtonKind = 'main' | 'secondary';

/** Busy: it shows its progress and takes no press. */
export type BottomButtonState = { text: string; isBusy: boolean };

export type BottomButtons = {
  /** Whether this client has the button. */
  has(kind: BottomButtonKind): boolean;
  show(kind: BottomButtonKind, button: BottomButtonState): void;
  hide(kind: BottomButtonKind): void;
  /** Something stands above the page: its buttons are out of sight meanwhile. @returns what ends that */
  cover(): () => void;
  /** @returns what stops listening */
  onPress(kind: BottomButtonKind, listener: () => void): () => void;
  /** The client says that the button was pressed. */
  pressed(kind: BottomButtonKind): void;
};

const setups = {
  main: 'web_app_setup_main_button',
  secondary: 'web_app_setup_secondary_button',
} as const;

export function createBottomButtons(bridge: Bridge): BottomButtons {
  const listeners = { main: new Set<() => void>(), secondary: new Set<() => void>() };
  const shown: Record<BottomButtonKind, BottomButtonState | null> = { main: null, secondary: null };
  const covers = new Set<symbol>();
  const apply = (kind: BottomButtonKind): void => {
    const button = shown[kind];
    if (button === null || covers.size > 0) bridge.post(setups[kind], { is_visible: false });
    else
      bridge.post(setups[kind], {
        is_visible: true,
        is_active: !button.isBusy,
        is_progress_visible: button.isBusy,
        text: button.text,
      });
  };
  const applyShown = (): void => {
    for (const kind of ['main', 'secondary'] as const) if (shown[kind] !== null) apply(kind);
  };
  return {
    has: (kind) => bridge.knows(setups[kind]),
    show(kind, button) {
      shown[kind] = button;
      apply(kind);
    },
    hide(kind) {
      shown[kind] = null;
      apply(kind);
    },
    cover() {
      const one = Symbol('cover');
      covers.add(one);
      if (covers.size === 1) applyShown();
      return () => {
        if (covers.delete(one) && covers.size === 0) applyShown();
      };
    },
    onPress(kind, listener) {
      listeners[kind].add(listener);
      return () => listeners[kind].delete(listener);
    },
    pressed(kind) {
      const button = shown[kind];
      // A press that was on its way when the button went, or became busy.
      if (button === null || button.isBusy || covers.size > 0) return;
      bridge.post('web_app_hide_keyboard');
      for (const listener of listeners[kind]) listener();
    },
  };
}
