// One terminal from its opening to its end: the screen, what stands around it, and the connection behind it.
import type { Server } from '@buoy/contract';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { openTerminal, type TerminalConnection } from './terminal-connection.ts';
import { TerminalKeys } from './terminal-keys.tsx';
import type { TerminalView } from './terminal-view.ts';
import { terminalTexts } from './texts.ts';
import { useRoom } from './use-room.ts';
import { endInWords, type ScreenEnd } from './words-of-end.ts';

/** So that three of them fit side by side on a phone, in each language. */
const narrow = 'max-sm:px-2.5';

/** @param onEnd called once, when nothing comes any more; what was shown stays on the screen */
export function TerminalScreen({ server, onEnd }: { server: Server; onEnd: () => void }) {
  const t = useTexts(terminalTexts);
  const { api } = useServices();
  const frame = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const closeButton = useRef<HTMLButtonElement>(null);
  const view = useRef<TerminalView>(null);
  const connection = useRef<TerminalConnection>(null);
  const [isReady, setReady] = useState(false);
  const [ended, setEnded] = useState<ScreenEnd | null>(null);
  const [isControlHeld, setControlHeld] = useState(false);
  const [isRead, setRead] = useState(false);
  /** What came of the last press on a button; a word that replaces the state of the connection. */
  const [note, setNote] = useState<string | null>(null);
  useRoom(frame, host);

  const end = (how: ScreenEnd): void => {
    setEnded(how);
    setNote(null);
    view.current?.write(`\r\n\x1b[7m ${endInWords(how, t)} \x1b[0m\r\n`);
    onEnd();
  };
  const latest = useRef({ t, end });
  latest.current = { t, end };

  useEffect(() => {
    let isThere = true;
    import('./terminal-view.ts').then(
      ({ mountTerminalView }) => {
        if (!isThere || host.current === null) return;
        const mounted = mountTerminalView(host.current, {
          label: latest.current.t.input,
          onInput: (text) => connection.current?.type(text),
          onResize: (size) => connection.current?.resize(size),
          onControlUsed: () => setControlHeld(false),
          onLeave: () => closeButton.current?.focus(),
        });
        view.current = mounted;
        connection.current = openTerminal({
          api,
          serverId: server.id,
          size: mounted.size(),
          onReady: () => {
            setReady(true);
            mounted.focus();
          },
          onOutput: (bytes, onShown) => mounted.write(bytes, onShown),
          onEnd: (how) => latest.current.end(how),
        });
      },
      () => isThere && latest.current.end({ how: 'not-loaded' }),
    );
    return () => {
      isThere = false;
      connection.current?.close();
      view.current?.dispose();
      connection.current = null;
      view.current = null;
    };
  }, [api, server.id]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(view.current?.text() ?? '');
      setNote(t.copied);
    } catch {
      setNote(t.noClipboard);
    }
  };
  const paste = async (): Promise<void> => {
    try {
      view.current?.paste(await navigator.clipboard.readText());
      view.current?.focus();
      setNote(null);
    } catch {
      setNote(t.noClipboard);
    }
  };
  const close = (): void => {
    connection.current?.close();
    end({ how: 'closed' });
  };
  const holdControl = (isHeld: boolean): void => {
    view.current?.holdControl(isHeld);
    setControlHeld(isHeld);
  };
  const readAloud = (isOn: boolean): void => {
    view.current?.setScreenReader(isOn);
    setRead(isOn);
  };

  const isOpen = isReady && ended === null;
  useEffect(() => {
    if (isOpen) frame.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const state = ended !== null ? endInWords(ended, t) : isReady ? t.connected : t.opening;
  return (
    <div className="space-y-2">
      <div ref={frame} className="space-y-2">
        <div className="flex flex-wrap items-center gap-2">
          <p role="status" className="min-w-0 flex-1 basis-full text-sm text-muted sm:basis-0">
            {note ?? state}
          </p>
          <Button className={narrow} onClick={() => void copy()}>
            {t.copy}
          </Button>
          {isOpen && (
            <Button className={narrow} onClick={() => void paste()}>
              {t.paste}
            </Button>
          )}
          {ended === null && (
            <button type="button" ref={closeButton} className={`${buttonClass()} ${narrow}`} onClick={close}>
              {t.close}
            </button>
          )}
        </div>
        <div className="relative -mx-4 border-y border-edge bg-inset p-1 sm:mx-0 sm:rounded-md sm:border-x sm:p-2">
          {!isReady && ended === null && (
            <progress aria-hidden="true" className="meter absolute inset-x-0 top-0 rounded-none" />
          )}
          <div ref={host} className="min-h-48 overflow-hidden font-mono" />
        </div>
        {isOpen && (
          <TerminalKeys
            isControlHeld={isControlHeld}
            onControl={holdControl}
            onKey={(key) => view.current?.press(key)}
          />
        )}
      </div>
      {ended?.how === 'refused' && <ProblemNote problem={ended.problem} />}
      <div className="flex flex-wrap items-center gap-2">
        <p className="hidden flex-1 text-sm text-muted sm:block">{t.leaveByKeyboard}</p>
        <Button
          variant="quiet"
          aria-pressed={isRead}
          className="aria-pressed:border-accent"
          onClick={() => readAloud(!isRead)}
        >
          {t.screenReader}
        </Button>
      </div>
    </div>
  );
}
