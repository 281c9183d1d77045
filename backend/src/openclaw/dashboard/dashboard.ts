// Who may see the Control UI of a server, and for how long: a link for one person, which becomes a session of that person's browser.
import { includesRole } from '../../access/access.policy.ts';
import type { Access } from '../../access/access.ts';
import type { AuditRecorder } from '../../audit/audit-recorder.ts';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import { newId, newSecret, sha256 } from '../../lib/ids.ts';
import { controlUiUrl, publicBase } from '../../lib/urls.ts';
import type { SshTargets } from '../../ssh/ssh.ts';
import type { Caller, CallerInPerson } from '../../users/caller.ts';
import type { SignIn } from '../../users/sign-in.ts';
import type { Installations } from '../host/installation.ts';
import type { ControlUiAddress } from './address.ts';
import type { ControlUiSessionStore } from './control-ui-sessions.store.ts';
import { tunnelCommand } from './ssh-command.ts';

/** Milliseconds to open a link. */
const LINK_LIFE_MS = 60_000;
/** Milliseconds for the browser to go from Buoy to the Control UI; no person waits in between. */
const ENTRY_LIFE_MS = 30_000;
/** Milliseconds; a longer session needs a new link. */
const SESSION_LIFE_MS = 8 * 3_600_000;
/** Milliseconds to find out the gateway's port. */
const PORT_MS = 10_000;

/** A browser with a valid session. */
export type ControlUiSession = { serverId: string; userId: string };

export type ControlUi = ReturnType<typeof createControlUi>;

export function createControlUi(parts: {
  store: ControlUiSessionStore;
  signIn: Pick<SignIn, 'personIn'>;
  access: Access;
  installations: Pick<Installations, 'access'>;
  targets: Pick<SshTargets, 'find'>;
  address: Pick<ControlUiAddress, 'originFor' | 'isShared'>;
  appDomain: string | null;
  clock: Clock;
}) {
  const { store, signIn, access, installations, targets, address, appDomain, clock } = parts;
  const after = (ms: number) => isoTime(clock.now() + ms);
  const now = () => isoTime(clock.now());

  return {
    /**
     * A link to the Control UI of the server: good once, for a minute, for the caller alone.
     * @param origin what the caller calls this Buoy, for where no public name is set
     * @throws AppError as `installations.access`: a server that cannot be reached has nothing to show
     */
    async link(caller: Caller, serverId: string, origin: string, { signal }: { signal: AbortSignal }) {
      const { port } = await installations.access(serverId, { deadlineMs: PORT_MS, signal });
      const target = await targets.find(serverId);
      const { jump } = target;
      // Address and login of the jump server are only for people who see it.
      const seesWay = jump === null || (await access.roleOf(caller.user, jump.serverId)) !== null;
      const sshCommand = seesWay ? tunnelCommand(target, port) : null;
      const code = newSecret();
      const expiresAt = after(LINK_LIFE_MS);
      await store.insert(
        {
          id: newId('cui'),
          serverId,
          userId: caller.user.id,
          sessionId: null,
          stage: 'link',
          secretHash: sha256(code),
          expiresAt,
        },
        now(),
      );
      return { url: controlUiUrl(publicBase(appDomain, origin), code), expiresAt, sshCommand };
    },

    /**
     * Uses up a link for the signed-in person, and returns where their browser goes next.
     * @throws AppError 404 for a used, expired or unknown link, or without access to the server; 403 for another person's link
     */
    async confirm(caller: CallerInPerson, code: string, origin: string, audit?: AuditRecorder) {
      const found = await store.find('link', sha256(code), now());
      if (found === undefined) throw linkIsOver();
      const { serverId, userId } = found;
      audit?.note({ serverId });
      if (userId !== caller.user.id)
        throw new AppError('forbidden', 'This link to the Control UI was made for another person.', {
          hint: 'Open the Control UI from the page of the server, signed in as yourself.',
        });
      const role = await access.roleOf(caller.user, serverId);
      if (role === null || !includesRole(role, 'admin'))
        throw new AppError('forbidden', 'You are no longer an admin of this server.');
      const entry = newSecret();
      const expiresAt = after(ENTRY_LIFE_MS);
      const confirmed = await store.advance(
        { stage: 'link', secretHash: sha256(code), now: now() },
        { stage: 'entry', sessionId: caller.sessionId, secretHash: sha256(entry), expiresAt },
        audit?.change({ serverId }),
      );
      if (confirmed === undefined) throw linkIsOver();
      return { url: `${address.originFor(serverId, origin)}/enter#code=${entry}`, expiresAt };
    },

    /**
     * Begins the session of the browser that brings an entry code; `secret` goes into its cookie and nowhere else. Where servers share an
     * origin, the browser's sessions to others end: a page of one server must not get the cookie of another.
     * @param earlier the secret that the browser has until now
     * @throws AppError 404 when the code is used, too old or unknown
     */
    async enter(
      code: string,
      earlier: string | null,
    ): Promise<{ serverId: string; secret: string; lifeS: number }> {
      const from = { stage: 'entry', secretHash: sha256(code), now: now() } as const;
      const found = await store.find('entry', from.secretHash, from.now);
      if (found === undefined) throw linkIsOver();
      const secret = newSecret();
      const { serverId, sessionId } = found;
      const opened = await store.advance(
        from,
        { stage: 'open', sessionId, secretHash: sha256(secret), expiresAt: after(SESSION_LIFE_MS) },
        address.isShared
          ? store.endOthers({ serverId, sessionId, secretHash: earlier === null ? null : sha256(earlier) })
          : undefined,
      );
      if (opened === undefined) throw linkIsOver();
      return { serverId: opened.serverId, secret, lifeS: SESSION_LIFE_MS / 1000 };
    },

    /**
     * Whether the browser with this cookie may use this server's Control UI now. Checked at each request, and each second for
     * what stays open: the session, its person's sign-in and their role must all still hold.
     * @throws AppError 401, or 403 for a person who is no longer an admin
     */
    async admit(secret: string | null, serverId: string): Promise<ControlUiSession> {
      const session = secret === null ? undefined : await store.find('open', sha256(secret), now());
      if (session === undefined || session.serverId !== serverId) throw sessionIsOver();
      const person = session.sessionId === null ? null : await signIn.personIn(session.sessionId);
      if (person === null || person.id !== session.userId) throw sessionIsOver();
      const role = await access.roleOf(person, serverId);
      if (role === null || !includesRole(role, 'admin'))
        throw new AppError('forbidden', 'You are no longer an admin of this server.', {
          hint: 'Ask its owner for access.',
        });
      return { serverId, userId: person.id };
    },
  };
}

function linkIsOver(): AppError {
  return new AppError(
    'not_found',
    'This link to the Control UI was already used, has expired or is not valid.',
    { hint: 'A link works once, within a minute. Open the Control UI again from the page of the server.' },
  );
}

function sessionIsOver(): AppError {
  return new AppError('unauthenticated', 'This Control UI session has ended.', {
    hint: 'Open the Control UI again from the page of the server in Buoy.',
  });
}
