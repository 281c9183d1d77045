// The terminal of a server: what it means to open one, and then the shell itself, as often as the person likes.
import type { Server } from '@buoy/contract';
import { useEffect, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TerminalScreen } from './terminal-screen.tsx';
import { terminalTexts } from './texts.ts';

export function TerminalPage({ server }: { server: Server }) {
  const t = useTexts(terminalTexts);
  const { telegram } = useServices();
  /** Terminals opened on this page; 0 until the button is pressed. */
  const [count, setCount] = useState(0);
  const [isOpen, setOpen] = useState(false);
  // Scrolling in a terminal must not close the app.
  useEffect(() => (isOpen ? telegram?.withoutSwipes() : undefined), [isOpen, telegram]);

  const open = (): void => {
    setCount(count + 1);
    setOpen(true);
  };
  return (
    <Panel
      title={t.title}
      aside={
        !isOpen && (
          <Button variant="primary" onClick={open}>
            {count === 0 ? t.open : t.openAgain}
          </Button>
        )
      }
    >
      {count === 0 ? (
        <div className="max-w-prose space-y-2 text-sm">
          <p>{t.runsAs(server.username, server.name)}</p>
          <p className="text-muted">{t.notRecorded}</p>
          <p className="text-muted">{t.limits}</p>
        </div>
      ) : (
        <TerminalScreen key={count} server={server} onEnd={() => setOpen(false)} />
      )}
    </Panel>
  );
}
