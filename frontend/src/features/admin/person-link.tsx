// A sign-in link for a person who lost their phone, passkey or own link; created by a super-admin.
import type { Person } from '@buoy/contract';
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { inviteTexts } from './invite-texts.ts';

export function PersonLink({ person }: { person: Person }) {
  const { api } = useServices();
  const t = useTexts(inviteTexts);
  const make = useMutation({
    mutationFn: () => api.call('POST /admin/users/:id/sign-in-link', { params: { id: person.id } }),
    meta: { done: true },
    // The link is a secret: it goes with the page.
    gcTime: 0,
  });
  if (make.data !== undefined)
    return (
      <ShownOnce
        title={t.linkFor(personName(person))}
        note={t.linkOnce}
        value={make.data.signInUrl}
        copyLabel={t.copyLink}
        doneLabel={t.done}
        onDone={make.reset}
      />
    );
  return (
    <div className="space-y-2 text-sm">
      <p className="text-muted">{t.linkWhat}</p>
      {make.error !== null && <ProblemNote problem={make.error} />}
      <Button disabled={make.isPending} onClick={() => make.mutate()}>
        {t.makeLink}
      </Button>
    </div>
  );
}
