// Submits a full-page form: Telegram's main button, or a button of the form elsewhere, never both.
import { useRef } from 'react';
import { useMainButton } from '../telegram/use-bottom-button.ts';
import { Button } from './button.tsx';

/** To be put inside of the form; `required` and the other checks of its fields hold for both buttons. */
export function SubmitButton({
  text,
  isEnabled = true,
  isBusy = false,
}: {
  text: string;
  isEnabled?: boolean;
  /** The form is on its way. */
  isBusy?: boolean;
}) {
  const button = useRef<HTMLButtonElement>(null);
  const isTelegrams = useMainButton({
    text,
    isEnabled,
    isBusy,
    onPress: () => button.current?.form?.requestSubmit(),
  });
  // Out of sight it still makes Enter in a field send the form.
  if (isTelegrams) return <button ref={button} type="submit" hidden disabled={!isEnabled || isBusy} />;
  return (
    <Button type="submit" variant="primary" disabled={!isEnabled || isBusy}>
      {text}
    </Button>
  );
}
