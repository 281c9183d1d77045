// Confirms an action by naming its effect; the button names the action, not "OK".

import { visibleText } from '@buoy/contract/visible-text';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTexts } from '../i18n/use-texts.ts';
import { useServices } from '../services.ts';
import { telegramTexts } from '../telegram/texts.ts';
import { useStepUp } from '../telegram/use-step-up.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { plainTextOf } from './plain-text.ts';
import { ProblemNote } from './problem-note.tsx';
import { uiTexts } from './texts.ts';
import { useIsLong } from './use-is-long.ts';

/** Milliseconds that an act may take before the page shows that it is under way. */
const QUICK_MS = 400;

type ConfirmProps = {
  title: string;
  action: string;
  isDestructive?: boolean;
  isPending?: boolean;
  /** Something has to be said or read first. */
  isBlocked?: boolean;
  problem?: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
};

/**
 * Inside Telegram a question of plain text is asked in its own popup, any other in a dialog of the page.
 * @param problem why the act failed: the question stays open and says so
 */
export function Confirm(props: ConfirmProps) {
  const { title, action, isDestructive = false, isPending = false, problem = null, onConfirm } = props;
  const { telegram } = useServices();
  const stepUp = useStepUp(isDestructive, `${action}: ${title}`);
  const confirm = () => {
    telegram?.haptic(isDestructive ? 'warning' : 'selection');
    stepUp.before(onConfirm);
  };
  const asked = useAskedByTelegram(props, confirm);
  const isLong = useIsLong(isPending || stepUp.isChecking, QUICK_MS);
  const isShown = useRef(false);
  // Once it is there it stays: another try must not make it blink.
  isShown.current ||= asked === 'here' || problem !== null || stepUp.hasFailed || isLong;
  return isShown.current ? (
    <ConfirmDialog {...props} stepUp={stepUp} isLong={isLong && isPending} onConfirm={confirm} />
  ) : null;
}

/** @returns where the question is shown: in Telegram if supported, else in the app's dialog; none until that is known */
function useAskedByTelegram(
  { title, action, isDestructive = false, onClose, children }: ConfirmProps,
  confirm: () => void,
): 'here' | 'telegram' | null {
  const { telegram } = useServices();
  const [asked, setAsked] = useState<'here' | 'telegram' | null>(telegram === null ? 'here' : null);
  const close = useRef(onClose);
  close.current = onClose;
  // The popup keeps the words of its opening, so its answer does what they said.
  const opened = useRef({ title, action, isDestructive, message: plainTextOf(children), confirm });
  useEffect(() => {
    if (telegram === null) return;
    const { message, confirm: confirmAsAsked, ...rest } = opened.current;
    const answer =
      message === null
        ? null
        : telegram.ask({ ...rest, title: visibleText(rest.title), message: visibleText(message) });
    setAsked(answer === null ? 'here' : 'telegram');
    let isGone = false;
    void answer?.then((isYes) => {
      if (isGone) return;
      if (isYes) confirmAsAsked();
      else close.current();
    });
    return () => {
      isGone = true;
    };
  }, [telegram]);
  return asked;
}

function ConfirmDialog({
  title,
  action,
  isDestructive = false,
  isPending = false,
  isBlocked = false,
  problem = null,
  stepUp,
  isLong,
  onConfirm,
  onClose,
  children,
}: ConfirmProps & { stepUp: { isChecking: boolean; hasFailed: boolean }; isLong: boolean }) {
  const t = useTexts(uiTexts);
  const ofTelegram = useTexts(telegramTexts);
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="mt-3 space-y-3 text-sm">
        {children}
        {stepUp.hasFailed && (
          <p role="alert" className="font-medium text-down">
            {ofTelegram.notYou}
          </p>
        )}
        {problem !== null && <ProblemNote problem={problem} />}
      </div>
      {/* Its room is there from the start, so that the buttons stay where they are. */}
      <div className="mt-3 h-1.5">
        {isLong && <progress aria-label={t.working} className="meter block" />}
      </div>
      <div className="mt-2 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.cancel}</Button>
        <Button
          variant={isDestructive ? 'danger' : 'primary'}
          disabled={isPending || isBlocked || stepUp.isChecking}
          onClick={onConfirm}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
