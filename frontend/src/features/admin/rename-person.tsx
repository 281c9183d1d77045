// The display name of a person, changed by a super-admin.
import type { Person } from '@buoy/contract';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { NameField } from '../../ui/name-field.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { peopleTexts } from './people-texts.ts';
import { usePersonAct } from './use-person-act.ts';

export function RenamePerson({ person }: { person: Person }) {
  const t = useTexts(peopleTexts);
  const [draft, setDraft] = useState(personName(person));
  const rename = usePersonAct(person, (changed) => setDraft(personName(changed)));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    rename.mutate({ displayName: draft.trim() });
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-3 text-sm">
      <NameField label={t.name} hint={t.nameHint} value={draft} onChange={setDraft} />
      {rename.error !== null && <ProblemNote problem={rename.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={rename.isPending}>
          {t.saveName}
        </Button>
        <Button
          variant="quiet"
          disabled={rename.isPending}
          onClick={() => rename.mutate({ displayName: null })}
        >
          {t.resetName}
        </Button>
      </div>
    </form>
  );
}
