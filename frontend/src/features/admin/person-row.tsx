// One person: who they are, their status, and what a super-admin can do about it.
import type { Person } from '@buoy/contract';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DecisionButton } from '../../ui/decision-button.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useUser } from '../sign-in/use-user.ts';
import { ChangePerson } from './change-person.tsx';
import { peopleTexts } from './people-texts.ts';
import { adminTexts } from './texts.ts';
import { type PersonAct, usePersonAct } from './use-person-act.ts';

export function PersonRow({ person }: { person: Person }) {
  const t = useTexts(adminTexts);
  const words = useTexts(peopleTexts);
  const formats = useFormats();
  const now = useNow();
  const me = useUser();
  const act = usePersonAct(person);
  const [isChanging, setChanging] = useState(false);
  const name = personName(person);
  const offered: readonly Extract<PersonAct, string>[] =
    person.status === 'pending' ? ['approve', 'refuse'] : person.status === 'disabled' ? ['enable'] : [];
  const marks = [
    ...(person.isSuperAdmin ? [t.superAdmin] : []),
    ...(person.status === 'active' ? [] : [words[`status_${person.status}`]]),
  ];
  return (
    <li className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <div className="min-w-0">
          <p className="break-words">
            <span className="font-medium">{name}</span>
            {marks.map((mark) => (
              <span key={mark} className="ml-2 rounded border border-line px-1.5 text-xs text-muted">
                {mark}
              </span>
            ))}
          </p>
          <p className="mt-0.5 text-xs text-muted">
            <span className="font-mono select-all">{person.id}</span> ·{' '}
            {[
              person.lastSeenAt === null ? t.neverSeen : t.lastSeen(formats.age(person.lastSeenAt, now)),
              t.onServers(person.servers),
              t.since(formats.moment(person.createdAt)),
            ].join(' · ')}
          </p>
        </div>
        <div className="-mr-4 flex flex-wrap items-center">
          {offered.map((one) => (
            <DecisionButton
              key={one}
              variant="quiet"
              disabled={act.isPending}
              onPress={() => act.mutate(one)}
            >
              {words[one]}
              <span className="sr-only">: {name}</span>
            </DecisionButton>
          ))}
          {person.status !== 'disabled' && person.id !== me?.id && (
            <Button variant="quiet" onClick={() => setChanging(true)}>
              {words.change}
              <span className="sr-only">: {name}</span>
            </Button>
          )}
          <a
            {...linkTo(`/admin/audit?${new URLSearchParams({ user: person.id })}`)}
            className={buttonClass('quiet')}
          >
            {t.whatTheyDid}
            <span className="sr-only">: {name}</span>
          </a>
        </div>
      </div>
      {act.error !== null && (
        <div className="mt-2">
          <ProblemNote problem={act.error} />
        </div>
      )}
      {isChanging && <ChangePerson person={person} onClose={() => setChanging(false)} />}
    </li>
  );
}
