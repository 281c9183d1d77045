// Which conversation a person means: OpenClaw's key, or a name that people see.
import type { OpenclawSession } from '@buoy/contract';
import { choose } from '../../choose.ts';
import { arg, type Context } from '../../command.ts';
import { serverIn } from '../../resolve-server.ts';

const PAGE = 200;

/** As in `agent:main:telegram`, without the agent. */
function shortName({ key }: OpenclawSession): string {
  return key.replace(/^agent:[^:]+:/, '');
}

/**
 * The server and the session that the arguments SERVER and SESSION name. A whole key is taken as it is, whether it is there or not.
 * @param archived a name is looked for among those that were put away, else among the others
 */
export async function sessionIn(context: Context, { archived = false }: { archived?: boolean } = {}) {
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
      list: `buoy openclaw sessions list ${id}${archived ? ' --archived' : ''}`,
    }).key;
  };
  const key = wanted.includes(':') ? wanted : await keyOf();
  return { api, serverName: name, key, params: { id, key } };
}
