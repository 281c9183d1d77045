// The config of OpenClaw on a server: common settings, the whole of it, its history, and what agents may run.
import { useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { serverPath } from '../../paths.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { CommonSettings } from './common-settings.tsx';
import { ConfigHistory } from './config-history.tsx';
import { configKey } from './config-queries.ts';
import { ExecPolicyPage } from './exec-policy-page.tsx';
import { JsonPage } from './json-page.tsx';
import { RevisionPage } from './revision-page.tsx';
import { configTexts } from './texts.ts';

/** Title of each part → what stands behind `config` in its path. */
const parts = { settings: null, json: 'json', history: 'history', commands: 'exec-policy' } as const;
type Part = keyof typeof parts;
const partNames = Object.keys(parts) as Part[];

export function ConfigSection({ server, rest: [first, second] }: SectionProps) {
  const t = useTexts(configTexts);
  const queries = useQueryClient();
  useServerEvent((event) => {
    if (event.event !== 'config' && !requiresRefetch(event)) return;
    for (const what of ['file', 'history', 'models'])
      void queries.invalidateQueries({ queryKey: [...configKey(server.id), what] });
  });
  const part = partNames.find((name) => parts[name] === (first ?? null));
  if (part === undefined) return <NotFound />;
  return (
    <div className="space-y-4">
      <SubNavigation
        label={t.parts}
        items={partNames.map((name) => {
          const word = parts[name];
          return {
            path: serverPath(server.id, 'config', ...(word === null ? [] : [word])),
            title: t[`part_${name}`],
            isCurrent: name === part,
          };
        })}
      />
      {server.role === 'viewer' && <p className="text-sm text-muted">{t.viewer}</p>}
      {part === 'settings' && <CommonSettings server={server} />}
      {part === 'json' && <JsonPage server={server} />}
      {part === 'history' && second === undefined && <ConfigHistory server={server} />}
      {part === 'history' && second !== undefined && (
        <RevisionPage key={second} server={server} rev={Number(second)} />
      )}
      {part === 'commands' && <ExecPolicyPage server={server} />}
    </div>
  );
}
