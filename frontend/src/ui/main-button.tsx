// The main action of a page without a form: Telegram's main button, or a button of the page elsewhere.
import { useMainButton } from '../telegram/use-bottom-button.ts';
import { Button } from './button.tsx';

export function MainButton({
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
  if (useMainButton({ text, isEnabled, isBusy, onPress })) return null;
  return (
    <Button variant="primary" disabled={!isEnabled || isBusy} onClick={onPress}>
      {text}
    </Button>
  );
}
