// Resolves the argument SESSION: OpenClaw's key, or a name.
import type { OpenclawSession } from '@buoy/contract';
import { choose } from '../../choose.ts';
import { type Args, arg, type Context } from '../../command.ts';
import { commandLine } from '../../output/command-line.ts';
import { serverIn } from '../../resolve-server.ts';

const PAGE = 200;

/** The key without its `agent:ID:` prefix. */
function shortName({ key }: OpenclawSession): string {
  return key.replace(/^agent:[^:]+:/, '');
}

/**
 * Resolves the arguments SERVER and SESSION. A whole key is used as typed, whether the session exists or not.
 * @param archived searches names among archived sessions, otherwise among the others
 */
export async function sessionIn(
  context: Context & Args<'server' | 'session'>,
  { archived = false }: { archived?: boolean } = {},
) {
  const { api, id, name } = await serverIn(context);
  const wanted = arg(context, 'session');
  const keyOf = async (): Promise<string> => {
    const { sessions } = await api('GET /servers/:id/openclaw/sessions', {
      params: { id },
      query: { q: wanted, archived: archived ? 'true' : 'false', limit: PAGE },
    });
    return choose(sessions, wanted, {
      singular: 'session',
      plural: 'sessions',
      where: archived
        ? ` among the archived ones on ${name}`
        : ` on ${name}; to start one, give a whole key such as agent:main:${wanted}`,
      id: ({ key }) => key,
      names: (session) => [session.label, session.title, shortName(session)],
      list: commandLine(...['buoy', 'openclaw', 'sessions', 'list', id], ...(archived ? ['--archived'] : [])),
    }).key;
  };
  const key = wanted.includes(':') ? wanted : await keyOf();
  return { api, serverName: name, key, params: { id, key } };
}
