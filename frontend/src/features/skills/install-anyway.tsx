// Why an upload was not installed, and the option to install it anyway.
import { type ReactNode, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';

/** @param children the other way on */
export function InstallAnyway({
  reason,
  action,
  title,
  effect,
  isPending,
  onConfirm,
  children,
}: {
  reason: string;
  action: string;
  title: string;
  effect: string;
  isPending: boolean;
  onConfirm: () => void;
  children: ReactNode;
}) {
  const [asks, setAsks] = useState(false);
  return (
    <div role="alert" className="space-y-3">
      <p className="font-medium">{reason}</p>
      <div className="flex flex-wrap gap-2">
        <Button variant="danger" disabled={isPending} onClick={() => setAsks(true)}>
          {action}
        </Button>
        {children}
      </div>
      {asks && (
        <Confirm
          title={title}
          action={action}
          isDestructive
          isPending={isPending}
          onConfirm={() => {
            setAsks(false);
            onConfirm();
          }}
          onClose={() => setAsks(false)}
        >
          <p>{effect}</p>
        </Confirm>
      )}
    </div>
  );
}
