// A super-admin's settings for a person: name, right to add servers, sign-in link, disabling (confirmed first).
import type { Person } from '@buoy/contract';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { peopleTexts } from './people-texts.ts';
import { PersonLink } from './person-link.tsx';
import { RenamePerson } from './rename-person.tsx';
import { usePersonAct } from './use-person-act.ts';

export function ChangePerson({ person, onClose }: { person: Person; onClose: () => void }) {
  const t = useTexts(peopleTexts);
  const name = personName(person);
  const right = usePersonAct(person);
  const disable = usePersonAct(person, onClose);
  const [asksToDisable, setAsksToDisable] = useState(false);
  if (asksToDisable)
    return (
      <Confirm
        title={t.disableTitle(name)}
        action={t.disable}
        isDestructive
        isPending={disable.isPending}
        problem={disable.error}
        onConfirm={() => disable.mutate('disable')}
        onClose={onClose}
      >
        <p>{t.disableWhat}</p>
        <p className="text-muted">{t.disableStays}</p>
      </Confirm>
    );
  return (
    <Dialog title={t.changeTitle(name)} onClose={onClose}>
      <div className="mt-3 space-y-3">
        {person.status === 'active' && !person.isSuperAdmin && (
          <Toggle
            label={t.mayAdd}
            hint={t.mayAddHint}
            checked={person.mayAddServers}
            disabled={right.isPending}
            onChange={(mayAddServers) => right.mutate({ mayAddServers })}
          />
        )}
        {right.error !== null && <ProblemNote problem={right.error} />}
        <RenamePerson person={person} />
        <PersonLink person={person} />
      </div>
      <div className="mt-5 flex flex-wrap justify-between gap-2">
        <Button variant="danger" onClick={() => setAsksToDisable(true)}>
          {t.disable}
        </Button>
        <Button onClick={onClose}>{t.close}</Button>
      </div>
    </Dialog>
  );
}
