// OpenClaw's Control UI: a link through Buoy, and an ssh command that works without Buoy.
import { type Args, type Command, type Context, command } from '../../command.ts';
import { serverIn } from '../../resolve-server.ts';

async function open(context: Context & Args<'server'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/dashboard-url', { params: { id } });
  const url = new URL(answer.url, context.profile().url).href;
  output.result({ ...answer, url }, () => {
    output.line(url);
    output.note(`Opens once, until ${answer.expiresAt}, in a browser that is signed in as you.`);
    output.note(
      answer.sshCommand === null
        ? 'No ssh command is available: the connection goes through a jump server that you have no access to, or whose login name ssh -J does not accept.'
        : `Without Buoy, with your own login: ${answer.sshCommand}`,
    );
  });
}

export const controlUiCommands: readonly Command[] = [
  command({
    name: 'openclaw open',
    summary: 'Print a link to the Control UI, and an ssh command that works without Buoy',
    args: ['server'],
    run: open,
  }),
];
