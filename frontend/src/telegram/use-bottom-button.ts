// The button of a form in Telegram's own place for it, below the page.
import { useEffect, useRef } from 'react';
import { useServices } from '../services.ts';
import type { BottomButtonKind } from './bottom-buttons.ts';

export type BottomButton = {
  text: string;
  /** Hidden instead of disabled: Telegram has no style for a disabled button. */
  isEnabled?: boolean;
  /** Telegram shows its progress and takes no press. */
  isBusy?: boolean;
  onPress: () => void;
};

/**
 * The main button, for as long as the component is there.
 * @returns whether it is Telegram's: the page then shows none of its own
 */
export function useMainButton(button: BottomButton): boolean {
  return useBottomButton('main', button);
}

/** The one beside it (Telegram 7.10), for the other way out of a form. @returns as `useMainButton` */
export function useSecondaryButton(button: BottomButton): boolean {
  return useBottomButton('secondary', button);
}

function useBottomButton(
  kind: BottomButtonKind,
  { text, isEnabled = true, isBusy = false, onPress }: BottomButton,
): boolean {
  const { telegram } = useServices();
  const buttons = telegram?.bottomButtons.has(kind) === true ? telegram.bottomButtons : null;
  const press = useRef(onPress);
  press.current = onPress;
  useEffect(() => {
    if (buttons === null) return;
    const stop = buttons.onPress(kind, () => press.current());
    return () => {
      stop();
      buttons.hide(kind);
    };
  }, [buttons, kind]);
  const isShown = isEnabled || isBusy;
  useEffect(() => {
    if (isShown) buttons?.show(kind, { text, isBusy });
    else buttons?.hide(kind);
  }, [buttons, kind, isShown, text, isBusy]);
  return buttons !== null;
}
