// A key pair created in the browser for one server, with the commands that install it.
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { formTexts } from './form-texts.ts';
import { installCommand, keygenCommand, loginCommand } from './key-commands.ts';
import { makeKeyPair } from './open-ssh-key.ts';
import type { ServerDraft } from './server-draft.ts';

export function NewKeyFields({
  draft,
  onChange,
}: {
  draft: ServerDraft;
  onChange: (change: Partial<ServerDraft>) => void;
}) {
  const t = useTexts(formTexts);
  const [cannot, setCannot] = useState(false);
  const keep = useRef(onChange);
  keep.current = onChange;
  const isMissing = draft.newKey === null;
  useEffect(() => {
    if (!isMissing) return;
    let isLeft = false;
    // The comment tells a later reader of authorized_keys where the key came from.
    void makeKeyPair(`buoy@${window.location.hostname}`).then((newKey) => {
      if (isLeft) return;
      if (newKey === null) setCannot(true);
      else keep.current({ newKey });
    });
    return () => {
      isLeft = true;
    };
  }, [isMissing]);

  if (cannot)
    return (
      <div role="status" className="space-y-2 text-sm">
        <p className="font-medium">{t.noKeyTitle}</p>
        <p className="text-muted">{t.noKeyHint}</p>
        <Command value={keygenCommand} name={t.copyKeygen} />
      </div>
    );
  if (draft.newKey === null)
    // As high as what comes in its place.
    return <p className="min-h-72 text-sm text-muted sm:min-h-64">{t.makingKey}</p>;
  return (
    <InstallKey publicLine={draft.newKey.publicLine} address={draft}>
      {t.newKeyText}
    </InstallKey>
  );
}

/** @param address what is known of the way to the server: with it there is a command for the person's own terminal */
export function InstallKey({
  publicLine,
  address,
  children,
}: {
  publicLine: string;
  address: { host: string; port: string | number; username: string };
  children: React.ReactNode;
}) {
  const t = useTexts(formTexts);
  const here = loginCommand(publicLine, address);
  return (
    <div className="min-h-72 space-y-3 text-sm sm:min-h-64">
      <p className="text-muted">{children}</p>
      <div>
        <p className="font-medium">{t.publicLine}</p>
        <Command value={publicLine} name={t.copyPublicLine} />
      </div>
      <div>
        <p>{t.newKeyHere}</p>
        {here === null ? (
          // As high as the command that takes its place.
          <p className="mt-1 flex min-h-9.5 items-center rounded-md border border-dashed border-edge px-3 text-muted">
            {t.newKeyAwaits}
          </p>
        ) : (
          <Command value={here} name={t.copyHere} />
        )}
      </div>
      <div>
        <p>{t.newKeyThere}</p>
        <Command value={installCommand(publicLine)} name={t.copyThere} />
      </div>
    </div>
  );
}

function Command({ value, name }: { value: string; name: string }) {
  const t = useTexts(formTexts);
  return (
    <div className="mt-1 flex items-center justify-between gap-4 rounded-md border border-line bg-inset px-3 py-1 text-sm whitespace-nowrap">
      <Copyable value={value} label={t.copy} name={name} codeClass="min-w-0 truncate text-xs" />
    </div>
  );
}
