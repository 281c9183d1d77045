// The secondary action of a full-page form: Telegram's second button (7.10), or a button of the form elsewhere.
import { useSecondaryButton } from '../telegram/use-bottom-button.ts';
import { Button } from './button.tsx';

export function SecondaryButton({ text, onPress }: { text: string; onPress: () => void }) {
  return useSecondaryButton({ text, onPress }) ? null : <Button onClick={onPress}>{text}</Button>;
}
