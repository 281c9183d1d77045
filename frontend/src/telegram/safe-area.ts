// The edges that the device and Telegram's own controls cover, as variables that the style sheet keeps content away from.
import type { Insets } from './incoming.ts';

const none: Insets = { top: 0, right: 0, bottom: 0, left: 0 };

export type SafeArea = {
  /** What the device covers: a notch, the home indicator. */
  device(insets: Insets): void;
  /** What Telegram's controls cover; inside of what the device covers. */
  content(insets: Insets): void;
};

/** Sets `--telegram-top`, `-right`, `-bottom` and `-left`; ui/theme.css makes `--safe-top` and so on of them. */
export function createSafeArea(style: Pick<CSSStyleDeclaration, 'setProperty'>): SafeArea {
  let device = none;
  let content = none;
  const apply = (): void => {
    for (const edge of ['top', 'right', 'bottom', 'left'] as const)
      style.setProperty(`--telegram-${edge}`, `${device[edge] + content[edge]}px`);
  };
  return {
    device(insets) {
      device = insets;
      apply();
    },
    content(insets) {
      content = insets;
      apply();
    },
  };
}
