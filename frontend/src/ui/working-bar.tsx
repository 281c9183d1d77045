// An indeterminate progress bar.

/** @param label what is under way, for a screen reader too when it comes up */
export function WorkingBar({ label }: { label: string }) {
  return (
    <div className="space-y-1.5">
      <p role="status" className="text-sm text-muted">
        {label}
      </p>
      <progress aria-hidden="true" className="meter block" />
    </div>
  );
}
