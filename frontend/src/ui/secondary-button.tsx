// The other way out of a full-page form: inside Telegram (7.10) its second button below the page, elsewhere a button of the form.
import { useSecondaryButton } from '../telegram/use-bottom-button.ts';
import { Button } from './button.tsx';

export function SecondaryButton({ text, onPress }: { text: string; onPress: () => void }) {
  return useSecondaryButton({ text, onPress }) ? null : <Button onClick={onPress}>{text}</Button>;
}
