// The settings that operators change most, as a form that OpenClaw's own schema describes.
import type { ConfigNode, Server } from '@buoy/contract';
import type { ConfigObject } from '@buoy/contract/config-patch';
import { useQueries, useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Facts } from '../../ui/facts.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { ChangeReview, type ConfigWriteResult } from './change-review.tsx';
import { configQuery, schemaQuery } from './config-queries.ts';
import { type ConfigAnswer, ConfigState, isWritable } from './config-state.tsx';
import { DefaultModel } from './default-model.tsx';
import { valueAt } from './json-patch.ts';
import { SettingField } from './setting-field.tsx';
import {
  channelSwitch,
  channelsIn,
  patchOfEdits,
  problemOf,
  realEdits,
  type SettingEdits,
  settingGroups,
  shownValue,
} from './setting-values.ts';
import { configTexts } from './texts.ts';
import { WrittenNote } from './written-note.tsx';

/** The edits, and the hash of the config that they were made on. */
type Draft = { edits: SettingEdits; hash: string };

export function CommonSettings({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(configTexts);
  const config = useQuery(configQuery(api, server.id));
  return (
    <>
      {/* Where nothing can be asked, saying so once is enough. */}
      {(config.data !== undefined || config.error === null) && <DefaultModel server={server} />}
      <ReadPanel title={t.settings} loading={t.loading} rows={5} query={config}>
        {(answer) => (
          <>
            <ConfigState server={server} answer={answer} />
            {answer.config === null ? (
              <p className="text-sm text-muted">{t.unreadable}</p>
            ) : server.role === 'viewer' || !isWritable(answer) ? (
              <ReadOnlySettings config={answer.config} />
            ) : (
              <SettingsForm server={server} config={answer.config} hash={answer.hash ?? ''} />
            )}
          </>
        )}
      </ReadPanel>
    </>
  );
}

function ReadOnlySettings({ config }: { config: NonNullable<ConfigAnswer['config']> }) {
  const t = useTexts(configTexts);
  const paths = [...settingGroups.agents, ...settingGroups.session, ...settingGroups.gateway];
  return (
    <Facts
      facts={[
        ...paths.map((path) => ({ term: t[path], value: shownValue(config, path) || t.unset })),
        ...channelsIn(config).map((channel) => ({
          term: channel,
          value: valueAt(config, channelSwitch(channel)) === false ? t.off : t.on,
        })),
        ...gatewayFacts(t, config),
      ]}
    />
  );
}

function gatewayFacts(t: (typeof configTexts)['en'], config: ConfigObject) {
  return [
    { term: t.bind, value: shownValue(config, 'gateway.bind') || '–' },
    { term: t.port, value: shownValue(config, 'gateway.port') || '–' },
  ];
}

function SettingsForm({ server, config, hash }: { server: Server; config: ConfigObject; hash: string }) {
  const { api } = useServices();
  const t = useTexts(configTexts);
  const [draft, setDraft] = useDraft<Draft>([server.id, 'config', 'settings']);
  const [isReviewing, setReviewing] = useState(false);
  const [written, setWritten] = useState<ConfigWriteResult | null>(null);
  const groups = {
    ...settingGroups,
    channels: channelsIn(config).map(channelSwitch),
  };
  const paths: string[] = Object.values(groups).flat();
  const found = useQueries({ queries: paths.map((path) => schemaQuery(api, server.id, path)) });
  const nodes = new Map<string, ConfigNode>();
  paths.forEach((path, index) => {
    const node = found[index]?.data?.node;
    if (node !== undefined) nodes.set(path, node);
  });
  /** Whether this OpenClaw version lacks the path. Unknown paths count as present until the schema is read. */
  const isAbsent = (path: string) => found[paths.indexOf(path)]?.data === null;
  const edits = draft?.edits ?? {};
  const problems = Object.entries(edits).filter(([path, text]) => {
    const node = nodes.get(path);
    return node !== undefined && problemOf(text, node) !== null;
  });
  const set = (path: string, text: string) => {
    setWritten(null);
    setDraft((current) => {
      const next = realEdits(config, { ...current?.edits, [path]: text });
      return Object.keys(next).length === 0 ? null : { edits: next, hash: current?.hash ?? hash };
    });
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (draft !== null && problems.length === 0) setReviewing(true);
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-5">
      <p className="text-sm text-muted">{t.settingsHint}</p>
      {(Object.keys(groups) as (keyof typeof groups)[])
        .filter((group) => groups[group].some((path) => !isAbsent(path)))
        .map((group) => (
          <fieldset key={group} className="rounded-md border border-line px-4 pt-1 pb-4">
            <legend className="px-1 text-sm font-semibold">{t[`group_${group}`]}</legend>
            <div className="grid items-start gap-5 sm:grid-cols-2">
              {groups[group]
                .filter((path) => !isAbsent(path))
                .map((path) => (
                  <SettingField
                    key={path}
                    path={path}
                    node={nodes.get(path) ?? null}
                    value={edits[path] ?? shownValue(config, path)}
                    isEdited={Object.hasOwn(edits, path)}
                    onChange={(text) => set(path, text)}
                  />
                ))}
            </div>
          </fieldset>
        ))}
      <div className="text-sm">
        <h3 className="font-semibold">{t.readOnlyHere}</h3>
        <p className="text-muted">{t.readOnlyHint}</p>
        <Facts facts={gatewayFacts(t, config)} />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <SubmitButton text={t.review} isEnabled={draft !== null && problems.length === 0} />
        {draft !== null && <SecondaryButton text={t.discard} onPress={() => setDraft(null)} />}
        {draft !== null && <p className="text-sm text-muted">{t.unsaved}</p>}
        <WrittenNote written={written} />
      </div>
      {isReviewing && draft !== null && (
        <ChangeReview
          server={server}
          patch={patchOfEdits(draft.edits, nodes)}
          hash={draft.hash}
          onWritten={(result) => {
            setReviewing(false);
            setDraft(null);
            setWritten(result);
          }}
          onClose={() => setReviewing(false)}
        />
      )}
    </form>
  );
}
