// The form for a new update policy.
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { policyPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { PageHeading } from '../../ui/page-heading.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { ownZone } from '../../ui/time-zone-field.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { tagsIn } from '../servers/server-order.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { useUser } from '../sign-in/use-user.ts';
import { emptyPolicyDraft } from './policy-draft.ts';
import { PolicyForm } from './policy-form.tsx';
import { policiesQuery } from './policy-queries.ts';
import { policyTexts } from './texts.ts';
import { useSavePolicy } from './use-save-policy.ts';

export function NewPolicy() {
  const { api } = useServices();
  const t = useTexts(policyTexts);
  const user = useUser();
  const listId = useId();
  const [draft, setDraft] = useState(() => emptyPolicyDraft(ownZone));
  const save = useSavePolicy(draft, null);
  const policies = useQuery(policiesQuery(api)).data ?? [];
  const servers = useQuery(serversQuery(api)).data ?? [];
  const tag = draft.tag.trim();
  // Saving would change that one, without showing what it is.
  const isTaken = policies.some((policy) => policy.tag === tag) && !save.isPending && !save.isSuccess;
  const tags = tagsIn(servers.filter(({ owner }) => owner?.id === user?.id));
  const says = draft.pinned.trim() !== '' || draft.hasWindow;
  useUnsaved((tag !== '' || says) && !save.isSuccess);
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/update-policies')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.policies}
      </a>
      <PageHeading title={t.newPolicy}>{t.newPolicy}</PageHeading>
      <div className="mt-4">
        <PolicyForm
          draft={draft}
          onChange={(change) => {
            save.reset();
            setDraft({ ...draft, ...change });
          }}
          isBusy={save.isPending}
          isComplete={tag !== '' && says && !isTaken && (!draft.hasWindow || draft.days.length > 0)}
          problem={save.error}
          onSubmit={() => save.mutate(draft)}
          tagField={
            <div className="max-w-sm">
              <Field
                label={t.tag}
                hint={
                  isTaken ? (
                    <a
                      {...linkTo(policyPath(tag))}
                      className="inline-flex min-h-11 items-center text-link underline"
                    >
                      {t.editIt}
                    </a>
                  ) : (
                    t.tagHint
                  )
                }
                error={isTaken ? t.exists(tag) : fieldErrors(save.error).tag}
              >
                {(control) => (
                  <>
                    <TextInput
                      {...control}
                      required
                      maxLength={40}
                      list={listId}
                      value={draft.tag}
                      onChange={(next) => setDraft({ ...draft, tag: next })}
                    />
                    <datalist id={listId}>
                      {tags.map((one) => (
                        <option key={one} value={one} />
                      ))}
                    </datalist>
                  </>
                )}
              </Field>
            </div>
          }
        />
      </div>
    </div>
  );
}
