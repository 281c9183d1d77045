// Buttons for decisions that a stranger's link can bring up: they work once the person could see what they decide.
import type { ComponentProps } from 'react';
import { useMainButton } from '../telegram/use-bottom-button.ts';
import { Button } from './button.tsx';
import { usePressGuard } from './use-press-guard.ts';

/** Keeps the focus while it waits, as a disabled button would not. */
export function DecisionButton({
  onPress,
  ...rest
}: Omit<ComponentProps<typeof Button>, 'onClick'> & { onPress: () => void }) {
  const { isReady, onlyMeant } = usePressGuard();
  return <Button {...rest} aria-disabled={!isReady} onClick={onlyMeant(onPress)} />;
}

/** The same as the main action of a page without a form: Telegram's main button, or a button of the page elsewhere. */
export function MainDecisionButton({
  text,
  isEnabled = true,
  isBusy = false,
  onPress,
}: {
  text: string;
  isEnabled?: boolean;
  /** The act is on its way. */
  isBusy?: boolean;
  onPress: () => void;
}) {
  const { isReady, onlyMeant } = usePressGuard();
  if (useMainButton({ text, isEnabled: isEnabled && isReady, isBusy, onPress })) return null;
  return (
    <Button
      variant="primary"
      disabled={!isEnabled || isBusy}
      aria-disabled={!isReady}
      onClick={onlyMeant(onPress)}
    >
      {text}
    </Button>
  );
}
