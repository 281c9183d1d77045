// The connection test: a button that runs it, and its result in words.
import type { TestResult } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { formatAge } from '../../ui/age.ts';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useNow } from '../../ui/use-now.ts';
import { connectionTestQuery } from './server-queries.ts';

function useConnectionTest(serverId: string) {
  const { api } = useServices();
  return useQuery({ ...connectionTestQuery(api, serverId), enabled: false });
}

function TestButton({ serverId }: { serverId: string }) {
  const { isFetching, refetch } = useConnectionTest(serverId);
  return (
    <Button disabled={isFetching} onClick={() => void refetch()}>
      {isFetching ? 'Testing…' : 'Test connection'}
    </Button>
  );
}

function Result({ serverId }: { serverId: string }) {
  const { data, error, isFetching } = useConnectionTest(serverId);
  const now = useNow();
  if (isFetching)
    return (
      <p role="status" className="text-sm text-muted">
        Logging in afresh and looking around…
      </p>
    );
  if (error !== null) return <ProblemNote problem={error} />;
  if (data === undefined) return null;
  return (
    <section
      aria-label="Connection test"
      className="rounded-lg border border-line bg-surface px-4 py-3 text-sm sm:px-5"
    >
      <div role="status">
        {data.result.ok ? (
          <p className="font-medium text-up">Buoy gets in.</p>
        ) : (
          <>
            <p className="font-medium text-down">{data.result.failure.message}</p>
            <p className="mt-1">{data.result.failure.hint}</p>
          </>
        )}
      </div>
      {data.result.ok && <Facts facts={findings(data.result)} />}
      <p className="mt-2 text-xs text-muted">Connection tested {formatAge(data.at, now)}</p>
    </section>
  );
}

const sudoWords = {
  root: 'not needed: this login is root',
  passwordless: 'works without a password',
  password: 'asks for a password',
  none: 'not allowed for this login',
} as const;

function findings({ latencyMs, openclaw, system, hostKey }: Extract<TestResult, { ok: true }>) {
  return [
    {
      term: 'OpenClaw',
      wide: true,
      value: openclaw.installed
        ? `${openclaw.version ?? 'version unknown'}${openclaw.path === null ? '' : `, ${openclaw.path}`}`
        : 'not installed',
    },
    {
      term: 'System',
      wide: true,
      value: [system.os, system.arch].filter((part) => part !== null).join(', ') || 'unknown',
    },
    { term: 'sudo', value: sudoWords[system.sudo] },
    { term: 'systemd', value: system.systemd ? 'yes' : 'no' },
    { term: 'Login took', value: `${Math.round(latencyMs)} ms` },
    { term: 'Host key', value: `${hostKey.algorithm} ${hostKey.fingerprint}`, wide: true },
  ];
}

export const ConnectionTest = { Button: TestButton, Result };
