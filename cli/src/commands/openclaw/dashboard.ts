// OpenClaw's own web interface: a link through Buoy, and the ssh command that does without.
import type { Command, Context } from '../../command.ts';
import { serverIn } from '../../resolve-server.ts';

async function open(context: Context): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/dashboard-url', { params: { id } });
  const url = new URL(answer.url, context.profile().url).href;
  output.result({ ...answer, url }, () => {
    output.line(url);
    output.note(`Opens once, until ${answer.expiresAt}, for who is signed in there as you.`);
    output.note(
      answer.sshCommand === null
        ? 'There is no ssh command of your own for it: it leads through a jump server that you do not see, or whose login name ssh -J cannot carry.'
        : `Without Buoy, by your own login: ${answer.sshCommand}`,
    );
  });
}

export const controlUiCommands: readonly Command[] = [
  {
    name: 'openclaw open',
    summary: 'A link to the Control UI, and the ssh command that does without Buoy',
    args: ['server'],
    run: open,
  },
];
