// The Buoy for fuzzing one endpoint, with the stored records, so that requests get deep.
import type { EndpointKey, ErrorCode } from '@buoy/contract';
import {
  type FuzzPerson,
  type FuzzRecords,
  fuzzCall,
  fuzzEnvironment,
  fuzzPeople,
  SPARE,
} from './fuzz-records.ts';
import type { KnownValues } from './requests-from-schema.ts';
import { startTestBuoy, type TestBuoy } from './test-buoy.ts';

export const fuzzCallers = [
  'super-admin',
  'owner',
  'viewer',
  'stranger',
  'admin token',
  'read token',
  'metrics token',
] as const;
export type FuzzCaller = (typeof fuzzCallers)[number];

export type FuzzFixture = {
  running: TestBuoy;
  /** The Authorization header of a caller; a new session each time where the endpoint ends its own session. */
  authorizationOf(caller: FuzzCaller): Promise<string>;
  /** Meaningful values of a body field or a query parameter. */
  known: KnownValues;
  /** Meaningful values of a part of the path. */
  inPath: KnownValues;
  /** Stored secrets that no answer may hold. */
  secrets: readonly string[];
  /** Codes that no request may cause here, on top of Buoy's own failures. */
  faults: readonly ErrorCode[];
  /** Milliseconds within which any request must be answered. */
  answerDeadlineMs: number;
  superToken: string;
};

export async function prepareFuzzFixture(key: EndpointKey, records: FuzzRecords): Promise<FuzzFixture> {
  const running = await startTestBuoy(fuzzEnvironment, records.stored);
  const { sessions, tokens, ids } = records;
  const superToken = sessions['super-admin'];
  const answered = fuzzCall(running);
  // They expire within minutes, unlike the stored records.
  const devices = key.includes('/auth/device')
    ? await Promise.all(
        Array.from({ length: SPARE }, () =>
          answered<{ userCode: string; deviceCode: string }>('POST', '/auth/device', null),
        ),
      )
    : [];
  const filenames = key.includes(':filename')
    ? [
        (await answered<{ backup: { filename: string } }>('POST', '/admin/backups/run', superToken)).backup
          .filename,
      ]
    : [];
  return {
    running,
    superToken,
    faults: [],
    // A call to a server that is down may wait two seconds for its back-off.
    answerDeadlineMs: 10_000,
    secrets: records.secrets,
    async authorizationOf(caller) {
      if (caller in tokens) return `Bearer ${tokens[caller as keyof typeof tokens].secret}`;
      const person = caller as FuzzPerson;
      return `Bearer ${key === 'POST /auth/logout' ? await running.signIn(fuzzPeople[person]) : sessions[person]}`;
    },
    known: {
      ...records.known,
      userCode: devices.map((device) => device.userCode),
      deviceCode: devices.map((device) => device.deviceCode),
    },
    inPath: {
      id: idsFor(key, {
        ...ids,
        servers: key === 'DELETE /servers/:id' ? ids.servers : ids.servers.slice(0, 1),
      }),
      userId: records.userIds,
      inviteId: records.inviteIds,
      filename: filenames,
    },
  };
}

function idsFor(key: EndpointKey, by: FuzzRecords['ids']): string[] {
  const section = /^\w+ \/(?:me\/)?(tasks|alerts|sessions|tokens|servers)\/:id/.exec(key)?.[1];
  return section === undefined ? [] : by[section as keyof typeof by];
}
