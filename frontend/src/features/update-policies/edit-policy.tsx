// The form for an existing update policy.
import type { UpdatePolicy } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ownZone } from '../../ui/time-zone-field.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { policyDraftOf } from './policy-draft.ts';
import { PolicyForm } from './policy-form.tsx';
import { policiesQuery } from './policy-queries.ts';
import { RemovePolicy } from './remove-policy.tsx';
import { policyTexts } from './texts.ts';
import { useSavePolicy } from './use-save-policy.ts';

export function EditPolicy({ tag }: { tag: string }) {
  const { api } = useServices();
  const t = useTexts(policyTexts);
  const { data, error } = useQuery(policiesQuery(api));
  const policy = data?.find((one) => one.tag === tag);
  const title = t.policyOf(tag);
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/update-policies')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.policies}
      </a>
      <PageHeading title={title}>{title}</PageHeading>
      <div className="mt-4 space-y-4">
        {error !== null && <ProblemNote problem={error} />}
        {data === undefined && error === null && <Skeleton label={t.loading} rows={4} />}
        {data !== undefined && policy === undefined && <EmptyNote title={t.gone(tag)} />}
        {policy !== undefined && <Form policy={policy} />}
      </div>
    </div>
  );
}

function Form({ policy }: { policy: UpdatePolicy }) {
  // As it was when the form was opened: what was changed elsewhere meanwhile is not overwritten unseen.
  const [before] = useState(policy);
  const [saved] = useState(() => policyDraftOf(policy, ownZone));
  const [draft, setDraft] = useState(saved);
  const save = useSavePolicy(draft, before.version);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(saved);
  useUnsaved(isChanged && !save.isSuccess);
  return (
    <PolicyForm
      draft={draft}
      onChange={(change) => {
        save.reset();
        setDraft({ ...draft, ...change });
      }}
      isBusy={save.isPending}
      isComplete={isChanged && (!draft.hasWindow || draft.days.length > 0)}
      problem={save.error}
      onSubmit={() => save.mutate(draft)}
      aside={<RemovePolicy tag={policy.tag} />}
    />
  );
}
