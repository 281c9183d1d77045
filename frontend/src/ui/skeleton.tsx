// The shape of what is still loading.

/** @param label what a screen reader says meanwhile */
export function Skeleton({ label, rows }: { label: string; rows: number }) {
  return (
    <div role="status" aria-label={label} className="space-y-2 motion-safe:animate-pulse">
      {Array.from({ length: rows }, (_, row) => `row ${row}`).map((key) => (
        <div key={key} className="h-16 rounded-lg border border-line bg-surface p-4">
          <div className="h-3 w-2/5 rounded bg-line" />
          <div className="mt-2.5 h-2.5 w-3/5 rounded bg-line" />
        </div>
      ))}
    </div>
  );
}
