// The one act of a page that has no form around it: inside Telegram its main button below the page, elsewhere a button of the page.
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
    <Button look="primary" disabled={!isEnabled || isBusy} onClick={onPress}>
      {text}
    </Button>
  );
}
