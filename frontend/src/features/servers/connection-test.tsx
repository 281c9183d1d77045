// Runs the connection test and shows its result.
import type { Server, TestResult } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import type { Formats } from '../../i18n/formats.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useLanguage, useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { useTimedText } from '../../ui/clock.ts';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import { connectionTexts } from './connection-texts.ts';
import { InstallKey } from './new-key-fields.tsx';
import { connectionTestQuery, madeKeyQuery } from './server-queries.ts';

function useConnectionTest(serverId: string) {
  const { api } = useServices();
  return useQuery({ ...connectionTestQuery(api, serverId), enabled: false });
}

/** @param variant `primary` where it is the one thing to do */
function TestButton({ serverId, variant = 'plain' }: { serverId: string; variant?: 'plain' | 'primary' }) {
  const t = useTexts(connectionTexts);
  const { isFetching, refetch } = useConnectionTest(serverId);
  return (
    <Button variant={variant} disabled={isFetching} onClick={() => void refetch()}>
      {isFetching ? t.testing : t.test}
    </Button>
  );
}

/** @param isSetupBelow the page goes on with the setup, which tells the rest of what was found */
function Result({ server, isSetupBelow = false }: { server: Server; isSetupBelow?: boolean }) {
  const { data, error, isFetching } = useConnectionTest(server.id);
  const t = useTexts(connectionTexts);
  if (isFetching) return <WorkingBar label={t.underWay} />;
  return (
    <>
      {error !== null && <ProblemNote problem={error} />}
      {data !== undefined && <Tested server={server} isSetupBelow={isSetupBelow} {...data} />}
    </>
  );
}

function Tested({
  server,
  isSetupBelow,
  result,
  at,
}: {
  server: Server;
  isSetupBelow: boolean;
  result: TestResult;
  at: string;
}) {
  const t = useTexts(connectionTexts);
  const formats = useFormats();
  const language = useLanguage();
  const publicLine = useQuery(madeKeyQuery(server.id)).data;
  return (
    <section
      aria-label={t.connectionTest}
      className="rounded-lg border border-line bg-surface px-4 py-3 text-sm sm:px-5"
    >
      <div role="status">
        {result.ok ? (
          <p className="font-medium text-up">{t.works}</p>
        ) : (
          <>
            {language !== 'en' && <p className="font-medium text-down">{t.fails}</p>}
            <div lang="en">
              <p className={language === 'en' ? 'font-medium text-down' : 'mt-1'}>
                <VisibleText text={result.failure.message} />
              </p>
              <p className="mt-1">
                <VisibleText text={result.failure.hint} />
              </p>
            </div>
          </>
        )}
      </div>
      {result.ok && !result.openclaw.installed && (
        <p className="mt-1">
          {t.setUpNext}{' '}
          {isSetupBelow ? (
            t.setUpBelow
          ) : (
            <a {...linkTo(serverPath(server.id))} className="inline-block min-h-11 content-center">
              {t.setUp}
            </a>
          )}
        </p>
      )}
      {result.ok && !isSetupBelow && <Facts facts={findings(result, t, formats)} />}
      {!result.ok && result.failure.kind === 'auth' && publicLine !== undefined && (
        <div className="mt-3">
          <InstallKey publicLine={publicLine} address={server}>
            {t.installKey}
          </InstallKey>
        </div>
      )}
      <TestedAge at={at} />
    </section>
  );
}

function TestedAge({ at }: { at: string }) {
  const t = useTexts(connectionTexts);
  const formats = useFormats();
  return <p className="mt-2 text-xs text-muted">{useTimedText((now) => t.tested(formats.age(at, now)))}</p>;
}

function findings(
  { latencyMs, openclaw, system, hostKey }: Extract<TestResult, { ok: true }>,
  t: (typeof connectionTexts)['en'],
  formats: Formats,
): Fact[] {
  return [
    {
      term: 'OpenClaw',
      wide: true,
      value: openclaw.installed
        ? [openclaw.version ?? t.versionUnknown, openclaw.path].filter((part) => part !== null).join(', ')
        : t.notInstalled,
    },
    {
      term: t.system,
      wide: true,
      value: [system.os, system.arch].filter((part) => part !== null).join(', ') || t.unknown,
    },
    { term: 'sudo', value: t[`sudo_${system.sudo}`] },
    { term: 'systemd', value: system.systemd ? t.yes : t.no },
    { term: t.loginTook, value: formats.milliseconds(latencyMs) },
    { term: t.hostKey, value: `${hostKey.algorithm} ${hostKey.fingerprint}`, wide: true },
  ];
}

export const ConnectionTest = { Button: TestButton, Result };
