// Changes of a conversation's settings: name, pinned, archived, model, thinking level.
import type { OpenclawSession, SessionChange } from '@buoy/contract';
import { arg, type Command, type Context } from '../../command.ts';
import { sessionIn } from './choose-session.ts';

type Kind = {
  change(context: Context): SessionChange;
  /** The message after the change. */
  told(session: OpenclawSession, context: Context): string;
  /** Searches among archived sessions. */
  archived?: boolean;
};

function changing({ change, told, archived = false }: Kind) {
  return async (context: Context): Promise<void> => {
    const { api, params } = await sessionIn(context, { archived });
    const answer = await api('PUT /servers/:id/openclaw/sessions/:key', { params, body: change(context) });
    context.output.result(answer, () => context.output.line(told(answer.session, context)));
  };
}

/** The typed value; an empty one removes the setting. */
const orNone = (context: Context, name: string): string | null => arg(context, name) || null;

const args = ['server', 'session'];

export const sessionChangeCommands: readonly Command[] = [
  {
    name: 'openclaw sessions rename',
    summary: "Name a conversation; '' removes the name",
    args: [...args, 'label'],
    run: changing({
      change: (context) => ({ label: orNone(context, 'label') }),
      told: ({ key, label }) =>
        label === null ? `${key} no longer has a name.` : `${key} is now called ${label}.`,
    }),
  },
  {
    name: 'openclaw sessions pin',
    summary: 'Pin a conversation to the top of the list',
    args,
    run: changing({ change: () => ({ pinned: true }), told: ({ key }) => `${key} is pinned.` }),
  },
  {
    name: 'openclaw sessions unpin',
    summary: 'Unpin a conversation',
    args,
    run: changing({ change: () => ({ pinned: false }), told: ({ key }) => `${key} is no longer pinned.` }),
  },
  {
    name: 'openclaw sessions archive',
    summary: 'Archive a conversation: only list --archived shows it',
    args,
    run: changing({ change: () => ({ archived: true }), told: ({ key }) => `${key} is archived.` }),
  },
  {
    name: 'openclaw sessions unarchive',
    summary: 'Put an archived conversation back into the list',
    args,
    run: changing({
      change: () => ({ archived: false }),
      told: ({ key }) => `${key} is back in the list.`,
      archived: true,
    }),
  },
  {
    name: 'openclaw sessions model',
    summary: "Set the model, provider/name; '' goes back to the model of the agent",
    args: [...args, 'model'],
    run: changing({
      change: (context) => ({ model: orNone(context, 'model') }),
      told: ({ key, model }, context) =>
        orNone(context, 'model') === null
          ? `${key} now uses the model of its agent${model === null ? '' : `, ${model}`}.`
          : `${key} now uses ${model}.`,
    }),
  },
  {
    name: 'openclaw sessions thinking',
    summary: "Set the thinking level, as in off, low, high; '' goes back to the default",
    args: [...args, 'level'],
    run: changing({
      change: (context) => ({ thinking: orNone(context, 'level') }),
      told: ({ key, thinking }, context) =>
        orNone(context, 'level') === null
          ? `${key} now thinks at the default level${thinking === null ? '' : `, ${thinking}`}.`
          : `${key} now thinks at the level ${thinking}.`,
    }),
  },
];
