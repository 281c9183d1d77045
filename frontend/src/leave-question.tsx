// The question before leaving a page with unsaved input.
import { useSyncExternalStore } from 'react';
import { useTexts } from './i18n/use-texts.ts';
import { leaveGuard } from './navigation.ts';
import { shellTexts } from './shell-texts.ts';
import { Confirm } from './ui/confirm.tsx';

export function LeaveQuestion() {
  const isAsking = useSyncExternalStore(leaveGuard.subscribe, leaveGuard.isAsking);
  const t = useTexts(shellTexts);
  if (!isAsking) return null;
  return (
    <Confirm
      title={t.leaveTitle}
      action={t.leave}
      onConfirm={() => leaveGuard.answer(true)}
      onClose={() => leaveGuard.answer(false)}
    >
      {t.leaveHint}
    </Confirm>
  );
}
