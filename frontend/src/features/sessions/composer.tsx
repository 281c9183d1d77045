// The message field. A draft is kept until it is sent, also across page changes.
import type { Server } from '@buoy/contract';
import { type KeyboardEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { chatTexts } from './chat-texts.ts';
import type { ConversationView } from './use-conversation.ts';

/** As many as the API takes. */
const MAX_CHARACTERS = 100_000;

export function Composer({
  server,
  sessionKey,
  send,
  onSend,
}: {
  server: Server;
  sessionKey: string;
  send: ConversationView['send'];
  onSend: () => void;
}) {
  const t = useTexts(chatTexts);
  const [draft, setDraft] = useDraft<string>([server.id, 'sessions', sessionKey, 'message']);
  // On a screen keyboard nobody finds Shift+Enter.
  const [enterSends] = useState(() => !window.matchMedia('(pointer: coarse)').matches);
  const text = draft ?? '';
  const canSend = text.trim() !== '' && !send.isPending;

  const submit = () => {
    if (!canSend) return;
    setDraft(null);
    onSend();
    send.mutate(text, { onError: () => setDraft(text) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || !enterSends || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="space-y-2"
    >
      {send.error !== null && <ProblemNote problem={send.error} />}
      <Field
        label={t.message}
        hint={<span className="max-sm:hidden">{enterSends ? t.enterSends : t.buttonSends}</span>}
      >
        {(control) => (
          <div className="flex items-end gap-2">
            <textarea
              {...control}
              rows={1}
              maxLength={MAX_CHARACTERS}
              value={text}
              onChange={(event) => setDraft(event.target.value === '' ? null : event.target.value)}
              onKeyDown={onKeyDown}
              className={`${controlClass} field-sizing-content max-h-48 min-w-0 flex-1 resize-none`}
            />
            <Button type="submit" variant="primary" disabled={!canSend}>
              {t.send}
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
