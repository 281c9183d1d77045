// Opens OpenClaw's web interface in a new tab, on an origin that shares nothing with this app.
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { askForControlUi, codeIn, confirmControlUi, enterControlUi } from './open-control-ui.ts';
import { controlUiTexts } from './texts.ts';

export function OpenControlUi({ serverId }: { serverId: string }) {
  const { api, telegram } = useServices();
  const t = useTexts(controlUiTexts);
  const open = useMutation({
    mutationFn: async (tab: Window | null) => {
      try {
        const way = await askForControlUi(api.call, serverId);
        if (tab !== null) {
          // What is shown there is not ours: it must not reach back into this page.
          tab.opener = null;
          enterControlUi(
            tab.document,
            await confirmControlUi(api.call, codeIn(new URL(way.link).hash) ?? ''),
          );
        }
        // Telegram opens a browser of its own: there the person signs in to Buoy first.
        return { ...way, isOpen: tab !== null || telegram?.openLink(way.link) === true };
      } catch (error) {
        tab?.close();
        throw error;
      }
    },
  });
  return (
    <>
      {/* Only a tab that opens while the press lasts is not taken for an advertisement. */}
      <Button
        disabled={open.isPending}
        onClick={() => open.mutate(telegram === null ? window.open('about:blank', '_blank') : null)}
      >
        {open.isPending ? t.opening : t.open}
      </Button>
      {open.error !== null && (
        <div className="basis-full">
          <ProblemNote problem={open.error} />
        </div>
      )}
      {open.data !== undefined && (
        <div role="status" className="basis-full rounded-md border border-line bg-surface px-4 py-3 text-sm">
          {open.data.isOpen ? (
            <p>{t.isOpen}</p>
          ) : (
            <a href={open.data.link} target="_blank" rel="noreferrer" className={buttonClass('primary')}>
              {t.continueToControlUi}
            </a>
          )}
          {open.data.sshCommand === null ? (
            <p className="mt-2 text-muted">{t.noOwnTerminal}</p>
          ) : (
            <p className="mt-2 flex flex-wrap items-center gap-x-2 text-muted">
              {t.ownTerminal} <Copyable value={open.data.sshCommand} label={t.copy} name={t.copySsh} />
            </p>
          )}
        </div>
      )}
    </>
  );
}
