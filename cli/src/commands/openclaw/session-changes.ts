// Changes of a conversation's settings: name, pinned, archived, model, thinking level.
import type { OpenclawSession, SessionChange } from '@buoy/contract';
import { type Args, arg, type Command, type Context, command } from '../../command.ts';
import { sessionIn } from './choose-session.ts';

/** @template N the argument with the new value */
type Kind<N extends string> = {
  change(context: Args<N>): SessionChange;
  /** The message after the change. */
  message(session: OpenclawSession, context: Args<N>): string;
  /** Searches among archived sessions. */
  archived?: boolean;
};

function changing<N extends string = never>({ change, message, archived = false }: Kind<N>) {
  return async (context: Context & Args<'server' | 'session' | N>): Promise<void> => {
    const { api, params } = await sessionIn(context, { archived });
    const answer = await api('PUT /servers/:id/openclaw/sessions/:key', { params, body: change(context) });
    context.output.result(answer, () => context.output.line(message(answer.session, context)));
  };
}

/** The typed value; an empty one removes the setting. */
const orNone = <N extends string>(context: Args<NoInfer<N>>, name: N): string | null =>
  arg(context, name) || null;

const args = ['server', 'session'] as const;

export const sessionChangeCommands: readonly Command[] = [
  command({
    name: 'openclaw sessions rename',
    summary: "Name a conversation; '' removes the name",
    args: [...args, 'label'],
    run: changing<'label'>({
      change: (context) => ({ label: orNone(context, 'label') }),
      message: ({ key, label }) =>
        label === null ? `${key} no longer has a name.` : `${key} is now called ${label}.`,
    }),
  }),
  command({
    name: 'openclaw sessions pin',
    summary: 'Pin a conversation to the top of the list',
    args,
    run: changing({ change: () => ({ pinned: true }), message: ({ key }) => `${key} is pinned.` }),
  }),
  command({
    name: 'openclaw sessions unpin',
    summary: 'Unpin a conversation',
    args,
    run: changing({ change: () => ({ pinned: false }), message: ({ key }) => `${key} is no longer pinned.` }),
  }),
  command({
    name: 'openclaw sessions archive',
    summary: 'Archive a conversation: only list --archived shows it',
    args,
    run: changing({ change: () => ({ archived: true }), message: ({ key }) => `${key} is archived.` }),
  }),
  command({
    name: 'openclaw sessions unarchive',
    summary: 'Put an archived conversation back into the list',
    args,
    run: changing({
      change: () => ({ archived: false }),
      message: ({ key }) => `${key} is back in the list.`,
      archived: true,
    }),
  }),
  command({
    name: 'openclaw sessions model',
    summary: "Set the model, provider/name; '' goes back to the model of the agent",
    args: [...args, 'model'],
    run: changing<'model'>({
      change: (context) => ({ model: orNone(context, 'model') }),
      message: ({ key, model }, context) =>
        orNone(context, 'model') === null
          ? `${key} now uses the model of its agent${model === null ? '' : `, ${model}`}.`
          : `${key} now uses ${model}.`,
    }),
  }),
  command({
    name: 'openclaw sessions thinking',
    summary: "Set the thinking level, as in off, low, high; '' goes back to the default",
    args: [...args, 'level'],
    run: changing<'level'>({
      change: (context) => ({ thinking: orNone(context, 'level') }),
      message: ({ key, thinking }, context) =>
        orNone(context, 'level') === null
          ? `${key} now thinks at the default level${thinking === null ? '' : `, ${thinking}`}.`
          : `${key} now thinks at the level ${thinking}.`,
    }),
  }),
];
