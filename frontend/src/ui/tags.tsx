// Tags as small labels.

export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <ul aria-label="Tags" className="mt-1 flex flex-wrap gap-1">
      {tags.map((tag) => (
        <li key={tag} className="rounded border border-line px-1.5 text-xs text-muted">
          {tag}
        </li>
      ))}
    </ul>
  );
}
